#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/record/label.h"

enum kind { LABEL, NAME, LOGIN, URL };

static char long_text[LABEL_URL_OCTETS + 100];

/* What is typed, what becomes of it; NULL: refused, with these words in the sentence. */
static const struct {
	enum kind kind;
	const char *text;
	size_t length; /* 0: strlen */
	const char *made;
	const char *sentence;
} cases[] = {
	{ LABEL, "Größe & Söhne GmbH", 0, "Größe & Söhne GmbH", NULL },
	{ LABEL, "", 0, "", NULL },
	{ LABEL, "a # b % c $ d : \" '", 0, "a # b % c $ d : \" '", NULL },
	{ LABEL, "two\nlines", 0, NULL, "column 4: control character U+000A" },
	{ LABEL, "a\0b", 3, NULL, "column 2: control character U+0000" },
	{ LABEL, "caf\xe9", 0, NULL, "column 4: octet 0xE9 is not UTF-8" },
	{ LABEL,
	  "ä\xe2\x80\xae"
	  "x",
	  0, NULL, "column 2: invisible character U+202E" },
	{ LABEL, "\xc2\x85", 0, NULL, "column 1: control character U+0085" },
	{ LABEL, long_text, LABEL_OCTETS + 1, NULL, "1001 octets; 1000" },

	{ NAME, "acme", 0, "acme", NULL },
	{ NAME, "a-1", 0, "a-1", NULL },
	{ NAME, "Acme", 0, NULL, "column 1: \"A\" may not stand here" },
	{ NAME, "acme/x", 0, NULL, "column 5: \"/\"" },
	{ NAME, "äcme", 0, NULL, "column 1: \"ä\"" },
	{ NAME, "-a", 0, NULL, "column 1: a short name may not begin" },
	{ NAME, "a-", 0, NULL, "column 2: a short name may not begin" },
	{ NAME, "a\n", 0, NULL, "column 2: control character U+000A" },
	{ NAME, "", 0, NULL, "a name is missing" },
	{ NAME, long_text, LABEL_NAME_OCTETS + 1, NULL, "column 64: a short name of 64 octets" },

	{ LOGIN, "app-1@Acme.example", 0, "app-1@Acme.example", NULL },
	{ LOGIN, "app 1", 0, NULL, "column 4: \" \"" },
	{ LOGIN, "app#", 0, NULL, "column 4: \"#\"" },
	{ LOGIN, "a\0", 2, NULL, "column 2: control character U+0000" },
	{ LOGIN, "", 0, NULL, "a login is missing" },
	{ LOGIN, long_text, LABEL_LOGIN_OCTETS + 1, NULL, "column 129" },

	{ URL, "https://acme.example", 0, "https://acme.example", NULL },
	{ URL, "HTTPS://ACME.Example:8443/Path?q=1#f", 0, "https://acme.example:8443/Path?q=1#f",
	  NULL },
	{ URL, "http://müller.example/a", 0, "http://xn--mller-kva.example/a", NULL },
	{ URL, "acme.example", 0, NULL, "column 1: a URL begins with" },
	{ URL, "ftp://acme.example", 0, NULL, "column 1: a URL begins with" },
	{ URL, "https://", 0, NULL, "column 9: a domain name is missing" },
	{ URL, "https://acme", 0, NULL, "only one word" },
	{ URL, "https://me@acme.example", 0, NULL, "column 11: no user name" },
	{ URL, "https://me:secret@acme.example", 0, NULL, "column 18: no user name" },
	{ URL, "https://acme.example:0/", 0, NULL, "column 22: a port" },
	{ URL, "https://acme.example:65536", 0, NULL, "column 22: a port" },
	{ URL, "https://acme.example:80x/", 0, NULL, "column 22: a port" },
	{ URL, "https://acme.example/a b", 0, NULL, "column 23: \" \"" },
	{ URL, "https://müller.example/ä", 0, NULL, "column 24: \"ä\"" },
	{ URL, "https://acme.example/\n", 0, NULL, "column 22: control character U+000A" },
	{ URL, "https://acme.example\0/", 22, NULL, "column 21: control character U+0000" },
};

static bool parse(struct arena *arena, enum kind kind, const char *text, size_t length,
                  const char **made, struct err *err)
{
	const char *host;

	switch (kind) {
	case LABEL:
		return label_parse(arena, text, length, made, err);
	case NAME:
		return label_name(arena, text, length, made, err);
	case LOGIN:
		return label_login(arena, text, length, made, err);
	case URL:
		return label_url(arena, text, length, made, &host, err);
	}
	return false;
}

static void each_case(void **state)
{
	UNUSED(state);
	memset(long_text, 'x', sizeof long_text - 1);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		const char *made = NULL;
		size_t length = cases[i].length != 0 ? cases[i].length : strlen(cases[i].text);
		/* exactly as many bytes as given, so that ASan sees a read behind them */
		char *exact = malloc(length + 1);
		assert_non_null(exact);
		char *tight = length > 0 ? malloc(length) : exact;
		assert_non_null(tight);
		memcpy(tight, cases[i].text, length);
		bool ok = parse(&arena, cases[i].kind, tight, length, &made, &err);
		if (tight != exact)
			free(tight);
		free(exact);
		if (ok != (cases[i].made != NULL))
			print_error("case %zu: %s: %s\n", i, cases[i].text, err.text);
		assert_int_equal(ok, cases[i].made != NULL);
		if (ok)
			assert_string_equal(made, cases[i].made);
		else if (strstr(err.text, cases[i].sentence) == NULL)
			fail_msg("case %zu: \"%s\" lacks \"%s\"", i, err.text, cases[i].sentence);
		arena_reset(&arena);
	}
}

static void a_long_url_is_refused(void **state)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	const char *url, *host;

	UNUSED(state);
	memset(long_text, 'x', sizeof long_text - 1);
	memcpy(long_text, "https://acme.example/", 21);
	assert_false(label_url(&arena, long_text, LABEL_URL_OCTETS + 1, &url, &host, &err));
	assert_non_null(strstr(err.text, "2001 octets; 2000"));
	assert_true(label_url(&arena, long_text, LABEL_URL_OCTETS, &url, &host, &err));
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case),
		cmocka_unit_test(a_long_url_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
