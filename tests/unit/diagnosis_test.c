#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/base64.h"
#include "core/base/text.h"
#include "core/verify/dmarc_check.h"
#include "diagnosis_cases.h"

struct story {
	struct facts facts;
	struct facts_domain domain;
	struct facts_key keys[2];
	struct requirement requirements[2];
	struct domain_check check;
	struct verdict verdict;
};

static const struct requirement wanted[] = {
	[WANT_KEY] = { .purpose = PURPOSE_DKIM, .name = NAME, .type = "TXT", .value = OURS },
	[WANT_POINTER] = { .purpose = PURPOSE_DKIM,
	                   .name = NAME,
	                   .type = "CNAME",
	                   .value = TARGET },
	[WANT_SPF] = { .purpose = PURPOSE_SPF,
	               .name = DOMAIN,
	               .type = "TXT",
	               .value = SPF,
	               .addition = "include:" HOST },
	[WANT_DMARC] = { .purpose = PURPOSE_DMARC,
	                 .name = DMARC,
	                 .type = "TXT",
	                 .value = "v=DMARC1; p=none" },
	[WANT_MX] = { .purpose = PURPOSE_MAILFROM,
	              .name = "bounce.acme.example",
	              .type = "MX",
	              .value = "10 mx1.vendor.example" },
};

static void set_key(struct arena *arena, struct facts_key *key, const char *selector,
                    const char *algorithm, const char *text)
{
	const uint8_t *octets = NULL;
	const char *value = strstr(text, "p=") + 2;

	key->selector = selector;
	key->algorithm = algorithm;
	assert_true(base64_parse(arena, value, strlen(value), &octets, &key->public_key_size));
	key->public_key = octets;
}

static void begin(struct story *story, struct inquiry *inquiry, enum wanted what)
{
	*story = (struct story){ .domain = { .name = DOMAIN, .key_count = 2 },
		                 .facts = { .spf_host = HOST,
		                            .hosting_domain = "vendor.example" } };
	set_key(inquiry_arena(inquiry), &story->keys[0], "s1", "ed25519-sha256", OLD);
	set_key(inquiry_arena(inquiry), &story->keys[1], "s2", "rsa-sha256", OURS);
	story->domain.keys = story->keys;
	story->requirements[0] = wanted[what];
	story->requirements[1] = wanted[WANT_KEY];
	story->requirements[1].name = TARGET;
	for (size_t i = 0; i < 2; i++) {
		story->requirements[i].domain = DOMAIN;
		if (story->requirements[i].purpose == PURPOSE_DKIM)
			story->requirements[i].selector = "s2";
	}
	story->check = (struct domain_check){ .facts = &story->facts,
		                              .domain = &story->domain,
		                              .requirements = story->requirements,
		                              .requirement_count = 2 };
	story->verdict = (struct verdict){ .requirement = &story->requirements[0],
		                           .expected = "",
		                           .found = "",
		                           .explanation = "" };
}

/* SPF is judged by evaluation and MX by the whole domain: their state is given. */
static void check(struct story *story, struct inquiry *inquiry, enum verdict_state given,
                  const char *what)
{
	static const char *const parents[] = { "bounce.acme.example", "old.acme.example" };
	struct verdict *verdict = &story->verdict;
	bool complete = true;

	for (size_t i = 0; i < LENGTH(parents); i++)
		told(inquiry, "", parents[i], DNS_SOA, DNS_NO_DATA, NULL);
	told(inquiry, "", NAME, DNS_TXT, DNS_NO_NAME, NULL);
	told(inquiry, "", "_dmarc.example", DNS_TXT, DNS_NO_NAME, NULL);
	verdict->state = given;
	if (verdict->requirement->purpose == PURPOSE_DKIM)
		complete = dkim_check(inquiry,
		                      domain_check_record(&story->check, verdict->requirement),
		                      verdict);
	if (verdict->requirement->purpose == PURPOSE_DMARC)
		complete = dmarc_check(inquiry, verdict);
	/* what a resolver still remembers is another story */
	if (verdict->state == VERDICT_PROPAGATING)
		verdict->state = VERDICT_MATCH;
	if (!complete || !diagnosis_find(inquiry, &story->check, verdict))
		fail_msg("%s: asks for more", what);
}

static void compare(size_t i, const struct verdict *verdict)
{
	const struct diagnosis *found = verdict->diagnosis;
	const char *value = cases[i].value ? cases[i].value : verdict->requirement->value;

	if (!found)
		fail_msg("%s: nothing is found; %s", cases[i].what, verdict->explanation);
	if (strcmp(found->mistake, cases[i].mistake) != 0)
		fail_msg("%s: %s; %s", cases[i].what, found->mistake, found->sentence);
	if (verdict->state != cases[i].state)
		fail_msg("%s: is %s", cases[i].what, verdict_word(verdict->state));
	if (!strstr(found->sentence, cases[i].thing))
		fail_msg("%s: does not name %s: %s", cases[i].what, cases[i].thing,
		         found->sentence);
	if (strcmp(found->value ? found->value : MERGE, value) != 0)
		fail_msg("%s: should be %s", cases[i].what, found->value);
	assert_string_equal(verdict->explanation, found->sentence);
	assert_string_equal(found->name, verdict->requirement->name);
	assert_string_equal(found->type, verdict->requirement->type);
	if (verdict->state == VERDICT_MISPLACED) {
		assert_string_equal(found->found_at, cases[i].thing);
		assert_string_equal(verdict->found, cases[i].thing);
	} else {
		assert_string_equal(found->found_at, found->name);
	}
}

static void each_mistake_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct story story;

		begin(&story, inquiry, cases[i].wanted);
		told_zone(inquiry);
		tell_nothing(inquiry);
		tell_vendor(inquiry);
		tell_there(inquiry, cases[i].there);
		check(&story, inquiry, VERDICT_CONFLICT, cases[i].what);
		compare(i, &story.verdict);
		inquiry_close(inquiry);
	}
}

static void nobody_is_accused_without_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(innocents); i++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct story story;

		begin(&story, inquiry, innocents[i].wanted);
		told_zone(inquiry);
		tell_nothing(inquiry);
		tell_vendor(inquiry);
		tell_there(inquiry, innocents[i].there);
		check(&story, inquiry, innocents[i].state, innocents[i].what);
		if (story.verdict.diagnosis)
			fail_msg("%s: %s; %s", innocents[i].what, story.verdict.diagnosis->mistake,
			         story.verdict.diagnosis->sentence);
		if (story.verdict.state != innocents[i].state)
			fail_msg("%s: is %s", innocents[i].what, verdict_word(story.verdict.state));
		inquiry_close(inquiry);
	}
}

/* Nothing is asked about a record that is right and that no row is about then:
 * of this world, nobody knows anything. */
static void what_is_right_is_not_looked_into(void **state)
{
	static const enum wanted right[] = { WANT_KEY, WANT_SPF };

	(void)state;
	for (size_t i = 0; i < LENGTH(right); i++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct story story;

		begin(&story, inquiry, right[i]);
		story.verdict.state = VERDICT_MATCH;
		assert_true(diagnosis_find(inquiry, &story.check, &story.verdict));
		assert_null(story.verdict.diagnosis);
		story.verdict.state = VERDICT_CONFLICT;
		assert_false(diagnosis_find(inquiry, &story.check, &story.verdict));
		inquiry_close(inquiry);
	}
}

/* mail.acme.example in the zone acme.example: the panel appends the zone. */
static void a_name_below_the_apex(void **state)
{
	static const struct {
		const char *place;
		const char *mistake;
	} places[] = {
		{ "s2._domainkey.mail.acme.example.acme.example", "doubled-zone" },
		{ "s2._domainkey.mail.acme.example.mail.acme.example", "doubled-zone" },
		{ "s2._domainkey.acme.example", "no-subdomain" },
		{ "mail.acme.example", "at-apex" },
	};
	static const char *const names[] = {
		"s2.mail.acme.example",
		"_domainkey.mail.acme.example",
		"s2.domainkey.mail.acme.example",
		"_domainkey.s2.mail.acme.example",
		"s2._domainkey._domainkey.mail.acme.example",
		"s1._domainkey.mail.acme.example",
		"s2._domainkey.mail.acme.example",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(places); i++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct story story;

		begin(&story, inquiry, WANT_KEY);
		story.domain.name = "mail.acme.example";
		story.requirements[0].domain = "mail.acme.example";
		story.requirements[0].name = "s2._domainkey.mail.acme.example";
		told_zone(inquiry);
		told(inquiry, "", "mail.acme.example", DNS_SOA, DNS_NO_DATA, NULL);
		for (int server = 2; server <= 3; server++) {
			const char *address = server == 2 ? "192.0.2.2" : "192.0.2.3";

			for (size_t n = 0; n < LENGTH(names); n++)
				told(inquiry, address, names[n], DNS_TXT, DNS_NO_NAME, NULL);
			for (size_t n = 0; n < LENGTH(places); n++)
				told(inquiry, address, places[n].place, DNS_TXT,
				     n == i ? DNS_FOUND : DNS_NO_NAME, n == i ? OURS : NULL, NULL);
		}
		check(&story, inquiry, VERDICT_MISSING, places[i].place);
		assert_non_null(story.verdict.diagnosis);
		assert_string_equal(story.verdict.diagnosis->mistake, places[i].mistake);
		assert_string_equal(story.verdict.diagnosis->found_at, places[i].place);
		assert_string_equal(story.verdict.diagnosis->name, story.requirements[0].name);
		inquiry_close(inquiry);
	}
}

/* What is unknown accuses nobody; a silent server is not asked any more. */
static void silence_is_no_mistake(void **state)
{
	(void)state;
	for (int silent = 1; silent <= 2; silent++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct story story;

		begin(&story, inquiry, WANT_KEY);
		told_zone(inquiry);
		told(inquiry, "192.0.2.2", NAME, DNS_TXT, DNS_TIMEOUT, NULL);
		told(inquiry, "192.0.2.3", NAME, DNS_TXT, DNS_TIMEOUT, NULL);
		if (silent == 1) {
			tell_nothing(inquiry);
			told(inquiry, "192.0.2.2", NAME, DNS_TXT, DNS_TIMEOUT, NULL);
			told(inquiry, "192.0.2.2", NAME "." DOMAIN, DNS_TXT, DNS_TIMEOUT, NULL);
			told(inquiry, "192.0.2.3", NAME "." DOMAIN, DNS_TXT, DNS_FOUND, OURS, NULL);
		}
		check(&story, inquiry, VERDICT_MISSING, "silence");
		if (silent == 1) {
			assert_non_null(story.verdict.diagnosis);
			assert_string_equal(story.verdict.diagnosis->mistake, "doubled-zone");
		} else {
			assert_null(story.verdict.diagnosis);
			assert_int_equal(story.verdict.state, VERDICT_UNKNOWN);
		}
		inquiry_close(inquiry);
	}
}

/* The value with one octet of any kind at any place, and noise. */
static const char *hostile(struct arena *arena, const char *text, unsigned *seed)
{
	size_t length = strlen(text);
	char *out = arena_take(arena, 2 * length + 64);
	size_t used = 0;

	*seed = *seed * 1103515245u + 12345u;
	for (size_t i = 0; i < length; i++) {
		unsigned dice = *seed = *seed * 1103515245u + 12345u;

		if ((dice >> 16) % 40 == 0)
			out[used++] = (char)(1 + (dice >> 8) % 255);
		if ((dice >> 16) % 97 != 0)
			out[used++] = text[i];
	}
	out[used] = '\0';
	if (out[0] == '>')
		out[0] = '<'; /* told() takes the first for a CNAME */
	return out;
}

static void strangers_octets_do_no_harm(void **state)
{
	static const char *const texts[] = { OURS, SPF,
		                             "v=DMARC1; p=none; rua=mailto:a@acme.example",
		                             "\"v=spf1\" \"include:" HOST "\"", OURS OURS OURS };
	static const char *const names[] = { NAME, DOMAIN, DMARC };
	unsigned seed = 1;

	(void)state;
	for (size_t round = 0; round < 600; round++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		enum wanted what = round % 3 == 0   ? WANT_KEY
		                   : round % 3 == 1 ? WANT_SPF
		                                    : WANT_DMARC;
		struct there there[THERE_MOST] = { 0 };
		struct story story;

		begin(&story, inquiry, what);
		told_zone(inquiry);
		tell_nothing(inquiry);
		there[0] = (struct there){ names[round % 3], DNS_TXT,
			                   hostile(inquiry_arena(inquiry),
			                           texts[round % LENGTH(texts)], &seed) };
		tell_there(inquiry, there);
		check(&story, inquiry, VERDICT_CONFLICT, there[0].text);
		if (story.verdict.diagnosis) {
			const char *sentence = story.verdict.diagnosis->sentence;
			const char *value = story.verdict.diagnosis->value;

			assert_string_equal(sentence,
			                    verdict_plain(inquiry_arena(inquiry), sentence));
			if (value)
				assert_string_equal(value,
				                    verdict_plain(inquiry_arena(inquiry), value));
		}
		inquiry_close(inquiry);
	}
}

static void every_row_has_a_case_and_a_word_of_its_own(void **state)
{
	const char *sentence = NULL;
	const char *word = NULL;

	(void)state;
	for (size_t row = 0; (word = diagnosis_mistake(row, &sentence)); row++) {
		const char *other = NULL;
		size_t tried = strcmp(word, "no-subdomain") == 0; /* below the apex only */

		assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-"),
		                 strlen(word));
		for (size_t i = 0; i < LENGTH(cases); i++)
			tried += strcmp(cases[i].mistake, word) == 0;
		if (tried == 0)
			fail_msg("%s: no case", word);
		for (size_t i = 0; i < row; i++)
			if ((other = diagnosis_mistake(i, &sentence)) && strcmp(other, word) == 0)
				fail_msg("%s: two rows", word);
	}
	assert_true(diagnosis_mistake(0, &sentence) != NULL);
}

/* doc/users-guide.md has a line "| `word` | sentence |" for each row. */
static void the_guide_lists_every_row(void **state)
{
	struct arena arena = { 0 };
	struct text guide = { 0 };
	const char *sentence = NULL;
	const char *word = NULL;
	char path[4096];
	char line[512];
	FILE *file = NULL;

	(void)state;
	(void)snprintf(path, sizeof path, "%s/doc/users-guide.md", getenv("top_srcdir"));
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file))
		text_add(&guide, line);
	(void)fclose(file);
	for (size_t row = 0; (word = diagnosis_mistake(row, &sentence)); row++) {
		const char *wanted_line = arena_print(&arena, "\n| `%s` | %s |\n", word, sentence);

		if (!strstr(text_string(&guide), wanted_line))
			fail_msg("not in the guide: %s", wanted_line);
	}
	text_free(&guide);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_below_the_apex),
		cmocka_unit_test(silence_is_no_mistake),
		cmocka_unit_test(strangers_octets_do_no_harm),
		cmocka_unit_test(every_row_has_a_case_and_a_word_of_its_own),
		cmocka_unit_test(the_guide_lists_every_row),
		cmocka_unit_test(each_mistake_is_named),
		cmocka_unit_test(nobody_is_accused_without_reason),
		cmocka_unit_test(what_is_right_is_not_looked_into),
	};
	return cmocka_run_group_tests_name("diagnosis", tests, NULL, NULL);
}
