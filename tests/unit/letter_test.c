#include "core/ops/letter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/attr.h"

static const char *const to[] = { "pm@vendor.example", "ops@vendor.example" };

static void render(const char *subject, const char *body, struct text *out)
{
	struct letter letter = { .from = "senderctl@vendor.example",
		                 .to = to,
		                 .to_count = LENGTH(to),
		                 .subject = subject,
		                 .body = body,
		                 .id = "7d1c",
		                 .at = 1795590000,
		                 .language = "de" };

	letter_render(&letter, out);
}

static void head(void **state)
{
	struct text out = { 0 };

	UNUSED(state);
	render("[lms] 2 changes", "nothing\n", &out);
	assert_string_equal(text_string(&out), "From: senderctl@vendor.example\n"
	                                       "To: pm@vendor.example,\n\tops@vendor.example\n"
	                                       "Subject: [lms] 2 changes\n"
	                                       "Date: Wed, 25 Nov 2026 07:00:00 +0000\n"
	                                       "Message-ID: <7d1c@vendor.example>\n"
	                                       "Auto-Submitted: auto-generated\n"
	                                       "Content-Language: de\n"
	                                       "MIME-Version: 1.0\n"
	                                       "Content-Type: text/plain; charset=utf-8\n"
	                                       "Content-Transfer-Encoding: quoted-printable\n"
	                                       "\n"
	                                       "nothing\n");
	text_free(&out);
}

/* A subject and what stands in the head for it. */
static const struct {
	const char *subject;
	const char *line;
} subjects[] = {
	{ "plain", "Subject: plain\n" },
	{ "für alle", "Subject: =?UTF-8?B?ZsO8ciBhbGxl?=\n" },
	{ "a\nBcc: eve@evil.example", "Subject: a Bcc: eve@evil.example\n" },
	{ "=?UTF-8?B?ZXZpbA==?=", "Subject: =?UTF-8?B?PT9VVEYtOD9CP1pYWnBiQT09Pz0=?=\n" },
	/* 38 octets, then a character of two: it is not cut */
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaüb",
	  "Subject: =?UTF-8?B?YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=?=\n"
	  " =?UTF-8?B?w7xi?=\n" },
};

static void subject(void **state)
{
	UNUSED(state);
	for (size_t i = 0; i < LENGTH(subjects); i++) {
		struct text out = { 0 };

		render(subjects[i].subject, "", &out);
		if (strstr(text_string(&out), subjects[i].line) == NULL)
			fail_msg("%s gives %s", subjects[i].subject, text_string(&out));
		text_free(&out);
	}
}

static const struct {
	const char *body;
	const char *encoded;
} bodies[] = {
	{ "plain\n", "plain\n" },
	{ "no newline", "no newline\n" },
	{ "ü = 1\n", "=C3=BC =3D 1\n" },
	{ "blank \n", "blank=20\n" },
	{ ".\n", "=2E\n" },
	{ "From here\n", "=46rom here\n" },
	{ "bell\a\n", "bell=20\n" },
	{ "\n\n", "\n\n" },
};

static void body(void **state)
{
	UNUSED(state);
	for (size_t i = 0; i < LENGTH(bodies); i++) {
		struct text out = { 0 };

		render("", bodies[i].body, &out);
		assert_string_equal(strstr(text_string(&out), "\n\n") + 2, bodies[i].encoded);
		text_free(&out);
	}
}

/* RFC 5322 2.1.1: no line is longer than 78; RFC 2045 6.7: encoded ones than 76. */
static void widths(void **state)
{
	char long_text[3000];
	struct text out = { 0 };

	UNUSED(state);
	for (size_t i = 0; i < sizeof long_text; i += 2)
		memcpy(long_text + i, "ü", 2);
	long_text[sizeof long_text - 2] = '\0';
	render(long_text, long_text, &out);
	for (const char *p = text_string(&out); *p != '\0';) {
		size_t width = strcspn(p, "\n");
		assert_true(width <= 78);
		for (size_t i = 0; i < width; i++)
			assert_true((unsigned char)p[i] < 0x7f);
		p += width + 1;
	}
	text_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head),
		cmocka_unit_test(subject),
		cmocka_unit_test(body),
		cmocka_unit_test(widths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
