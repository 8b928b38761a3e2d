#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "keys/escrow_letter.h"
#include "keys/secret_file.h"

enum { THREE = 3 };

static char folder[64];
static struct officer_key officers[THREE];
static struct secret answering; /* the secret half of the request's key */
static struct escrow_request request;
static uint8_t lines[6 * ESCROW_LETTER_LINE];
static struct secret passphrase;

static const char *path(const char *name)
{
	static char text[128];

	(void)snprintf(text, sizeof text, "%s/%s", folder, name);
	return text;
}

/* A request for all shares of one key, to three officers. */
static int setup(void **state)
{
	struct escrow_kek name = { .provider = uuid_make(), .id = uuid_make(), .version = 1 };
	struct escrow_officer keys[THREE];
	struct escrow_sealed shares[6];
	struct secret kek = { 0 };
	struct err err = { 0 };

	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/letter.XXXXXX");
	if (mkdtemp(folder) == NULL || !secret_setup(&err) || !secret_random(&kek, 32, &err)
	    || !secret_copy(&passphrase, "correct horse", 13, &err)
	    || !secret_take(&answering, crypto_box_SECRETKEYBYTES, &err))
		return 1;
	for (size_t i = 0; i < THREE; i++) {
		if (!secret_take(&officers[i].secret_key, crypto_box_SECRETKEYBYTES, &err))
			return 1;
		(void)crypto_box_keypair(officers[i].public_key, officers[i].secret_key.bytes);
		memcpy(keys[i].key, officers[i].public_key, ESCROW_PUBLIC);
	}
	request = (struct escrow_request){ .purpose = ESCROW_DRILL,
		                           .name = "lms",
		                           .request = uuid_make(),
		                           .provider = name.provider,
		                           .made = 1,
		                           .not_after = 2,
		                           .lines = lines,
		                           .count = 6 };
	(void)crypto_box_keypair(request.key, answering.bytes);
	bool ok = escrow_split(&name, &kek, keys, THREE, 2, shares, &err);
	for (size_t i = 0; i < 6; i++) {
		memcpy(lines + i * ESCROW_LETTER_LINE, keys[shares[i].officer].key, ESCROW_PUBLIC);
		memcpy(lines + i * ESCROW_LETTER_LINE + ESCROW_PUBLIC, shares[i].bytes,
		       ESCROW_SHARE);
	}
	secret_drop(&kek);
	return ok ? 0 : 1;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < THREE; i++)
		officer_key_drop(&officers[i]);
	secret_drop(&answering);
	secret_drop(&passphrase);
	(void)unlink(path("anna"));
	return rmdir(folder);
}

static void a_request_is_read_as_it_was_written(void **state)
{
	struct escrow_request read;
	struct text out = { 0 };
	struct err err = { 0 };

	(void)state;
	escrow_letter_render(&request, &out);
	assert_true(escrow_letter_parse((const uint8_t *)out.data, out.length, &read, &err));
	assert_int_equal(read.purpose, ESCROW_DRILL);
	assert_string_equal(read.name, "lms");
	assert_int_equal(read.count, 6);
	assert_int_equal(read.not_after, 2);
	assert_memory_equal(read.lines, lines, sizeof lines);
	assert_memory_equal(read.key, request.key, ESCROW_PUBLIC);
	/* any damage, any cut */
	for (size_t i = 0; i < out.length; i++) {
		struct err broken = { 0 };
		out.data[i] ^= 1;
		assert_false(
			escrow_letter_parse((const uint8_t *)out.data, out.length, &read, &broken));
		out.data[i] ^= 1;
		assert_false(escrow_letter_parse((const uint8_t *)out.data, i, &read, &broken));
		assert_int_equal(broken.code, ERR_INPUT);
	}
	text_free(&out);
}

/* With a good sum, and yet not what it should be. */
static void refused(const struct escrow_request *bad)
{
	struct escrow_request read;
	struct text out = { 0 };
	struct err err = { 0 };

	escrow_letter_render(bad, &out);
	assert_false(escrow_letter_parse((const uint8_t *)out.data, out.length, &read, &err));
	assert_int_equal(err.code, ERR_INPUT);
	text_free(&out);
}

static void a_request_that_is_none_is_refused(void **state)
{
	struct escrow_request bad = request;

	(void)state;
	bad.purpose = ESCROW_PROVE; /* and wants shares */
	refused(&bad);
	bad.purpose = ESCROW_DRILL; /* and wants none */
	bad.count = 0;
	refused(&bad);
	bad = request;
	bad.name[0] = '\0';
	refused(&bad);
	(void)snprintf(bad.name, sizeof bad.name, "\033[2J");
	refused(&bad);
}

static void what_an_officer_answers_only_the_service_reads(void **state)
{
	struct escrow_answer answer;
	struct secret shares = { 0 };
	struct secret other = { 0 };
	struct text out = { 0 };
	struct err err = { 0 };
	size_t count = 0, used = 0;

	(void)state;
	assert_true(escrow_letter_answer(&request, &officers[1], &out, &count, &err));
	assert_int_equal(count, 2);
	assert_true(
		escrow_letter_read((const uint8_t *)out.data, out.length, &answer, &used, &err));
	assert_int_equal(used, out.length);
	assert_true(uuid_same(&answer.request, &request.request));
	assert_memory_equal(answer.officer, officers[1].public_key, ESCROW_PUBLIC);
	assert_true(secret_random(&other, crypto_box_SECRETKEYBYTES, &err));
	assert_false(escrow_letter_open(&answer, &other, &shares, &err));
	assert_true(escrow_letter_open(&answer, &answering, &shares, &err));
	assert_int_equal(shares.size, 2 * ESCROW_PLAIN);
	secret_drop(&shares);
	/* not in another's name, and not changed on its way */
	memcpy(answer.officer, officers[0].public_key, ESCROW_PUBLIC);
	assert_false(escrow_letter_open(&answer, &answering, &shares, &err));
	for (size_t i = 52; i < out.length; i++) {
		out.data[i] ^= 1;
		if (escrow_letter_read((const uint8_t *)out.data, out.length, &answer, &used, &err))
			assert_false(escrow_letter_open(&answer, &answering, &shares, &err));
		out.data[i] ^= 1;
	}
	assert_null(shares.bytes);
	secret_drop(&other);
	text_free(&out);
}

static void a_proof_gives_nothing_away(void **state)
{
	struct escrow_request proof = request;
	struct escrow_answer answer;
	struct secret shares = { 0 };
	struct text out = { 0 };
	struct err err = { 0 };
	size_t count = 9, used = 0;

	(void)state;
	proof.purpose = ESCROW_PROVE;
	proof.count = 0;
	assert_true(escrow_letter_answer(&proof, &officers[2], &out, &count, &err));
	assert_int_equal(count, 0);
	assert_true(
		escrow_letter_read((const uint8_t *)out.data, out.length, &answer, &used, &err));
	assert_true(escrow_letter_open(&answer, &answering, &shares, &err));
	assert_int_equal(shares.size, 0);
	secret_drop(&shares);
	text_free(&out);
}

static void nothing_is_answered_to_the_wrong_question(void **state)
{
	struct officer_key stranger = { .public_key = { 1 } };
	struct escrow_request other = request;
	struct text out = { 0 };
	struct err err = { 0 };
	size_t count = 0;

	(void)state;
	assert_false(escrow_letter_answer(&request, &stranger, &out, &count, &err));
	assert_int_equal(err.code, ERR_REFUSED);
	/* shares of one provider under the name of another */
	other.provider = uuid_make();
	assert_false(escrow_letter_answer(&other, &officers[0], &out, &count, &err));
	assert_int_equal(err.code, ERR_REFUSED);
	/* to a key that cannot be sealed to */
	other = request;
	memset(other.key, 0, sizeof other.key);
	assert_false(escrow_letter_answer(&other, &officers[0], &out, &count, &err));
	assert_int_equal(out.length, 0);
}

static void an_identity_opens_with_its_passphrase(void **state)
{
	struct officer_key made, read;
	struct secret wrong = { 0 };
	struct secret file = { 0 };
	struct err err = { 0 };
	struct stat is;

	(void)state;
	assert_true(officer_key_make(&made, path("anna"), &passphrase, OFFICER_MODERATE, &err));
	assert_int_equal(stat(path("anna"), &is), 0);
	assert_int_equal(is.st_mode & 07777, 0400);
	assert_true(officer_key_read(&read, path("anna"), NULL, &err));
	assert_memory_equal(read.public_key, made.public_key, sizeof made.public_key);
	assert_null(read.secret_key.bytes);
	assert_true(secret_copy(&wrong, "correct house", 13, &err));
	assert_false(officer_key_read(&read, path("anna"), &wrong, &err));
	assert_int_equal(err.code, ERR_CRYPTO);
	assert_true(officer_key_read(&read, path("anna"), &passphrase, &err));
	assert_true(secret_same(&read.secret_key, &made.secret_key));
	officer_key_drop(&read);
	/* the public half is bound to the secret one; a cheap file is refused */
	static const struct {
		size_t at;
		enum err_code code;
	} cases[] = { { 40, ERR_CRYPTO }, { 23, ERR_REFUSED }, { 0, ERR_CRYPTO } };
	assert_true(secret_file_read(path("anna"), 4096, &file, &err));
	assert_int_equal(file.size, 144);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		file.bytes[cases[i].at] ^= 3; /* passes: 3 becomes 0 */
		(void)unlink(path("anna"));
		assert_true(secret_file_write(path("anna"), 0400, &file, &err));
		assert_false(officer_key_read(&read, path("anna"), &passphrase, &err));
		assert_int_equal(err.code, cases[i].code);
		file.bytes[cases[i].at] ^= 3;
	}
	secret_drop(&file);
	secret_drop(&wrong);
	officer_key_drop(&made);
}

static void the_text_of_a_public_key_is_read_back(void **state)
{
	char text[OFFICER_KEY_TEXT];
	uint8_t key[OFFICER_KEY_PUBLIC];
	struct err err = { 0 };

	(void)state;
	officer_key_render(officers[0].public_key, text);
	assert_true(strncmp(text, "sko1:", 5) == 0);
	assert_true(officer_key_parse(text, key, &err));
	assert_memory_equal(key, officers[0].public_key, sizeof key);
	assert_false(officer_key_parse("sko1:AAAA", key, &err));
	assert_false(
		officer_key_parse("sko1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", key, &err));
	assert_false(officer_key_parse(NULL, key, &err));
	text[3] = '2';
	assert_false(officer_key_parse(text, key, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_read_as_it_was_written),
		cmocka_unit_test(a_request_that_is_none_is_refused),
		cmocka_unit_test(what_an_officer_answers_only_the_service_reads),
		cmocka_unit_test(a_proof_gives_nothing_away),
		cmocka_unit_test(nothing_is_answered_to_the_wrong_question),
		cmocka_unit_test(an_identity_opens_with_its_passphrase),
		cmocka_unit_test(the_text_of_a_public_key_is_read_back),
	};

	return cmocka_run_group_tests_name("escrow_letter", tests, setup, teardown);
}
