#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/attr.h"
#include "core/base/sha256.h"

/* FIPS 180-4's own examples, and lengths around the block. */
static const struct {
	const char *text;
	size_t repeat;
	const char *hex;
} cases[] = {
	{ "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	{ "a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
	{ "a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
	{ "a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
};

static void each_case(void **state)
{
	UNUSED(state);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct sha256 sum;
		char hex[65];
		sha256_begin(&sum);
		for (size_t j = 0; j < cases[i].repeat; j++)
			sha256_add(&sum, cases[i].text, strlen(cases[i].text));
		sha256_end(&sum, hex);
		assert_string_equal(hex, cases[i].hex);
	}
}

static void pieces_do_not_matter(void **state)
{
	char bytes[300], whole[65], pieces[65];
	struct sha256 sum;

	UNUSED(state);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)i;
	sha256_begin(&sum);
	sha256_add(&sum, bytes, sizeof bytes);
	sha256_end(&sum, whole);
	for (size_t cut = 0; cut <= sizeof bytes; cut++) {
		sha256_begin(&sum);
		sha256_add(&sum, bytes, cut);
		sha256_add(&sum, bytes + cut, sizeof bytes - cut);
		sha256_end(&sum, pieces);
		assert_string_equal(pieces, whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case),
		cmocka_unit_test(pieces_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
