#include "core/ops/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/words.h"
#include "core/ops/notice.h"

static struct tree *parse(const char *json)
{
	struct tree *tree = NULL;
	struct err err = { 0 };

	assert_true(tree_parse(json, strlen(json), &tree, &err));
	return tree;
}

/* Each kind, its detail, and the lines it becomes. */
static const struct {
	const char *kind;
	const char *purpose;
	const char *detail;
	const char *lines;
} kinds[] = {
	{ "lost", "spf",
	  "{\"explanation\":\"there is none\",\"expected\":\"include:x\",\"found\":\"y\","
	  "\"degrades_at\":\"2026-11-25T11:00:00Z\"}",
	  "      lost: spf a.example  (T)\n"
	  "        there is none\n"
	  "        expected: include:x\n"
	  "        found:    y\n"
	  "        without it the sender is withheld from 2026-11-25T11:00:00Z\n" },
	{ "lost", "dmarc",
	  "{\"explanation\":\"none\",\"recommended\":true,\"senders\":[\"a@a.example\",\"b@a.example\"]}",
	  "      lost, though nothing is withheld for it: dmarc a.example  (T)\n"
	  "        none\n"
	  "        a@a.example, b@a.example:\n"
	  "        receivers find no DMARC policy: whether SPF and DKIM align no longer matters to "
	  "them, nobody sends reports, and forged mail is not refused\n" },
	{ "lost", "mailfrom", "{\"recommended\":true}",
	  "      lost, though nothing is withheld for it: mailfrom a.example  (T)\n"
	  "        bounces find no server, and some receivers refuse mail whose bounces nobody "
	  "takes\n" },
	{ "lost", "return", "{\"recommended\":true}",
	  "      lost, though nothing is withheld for it: return a.example  (T)\n"
	  "        replies and bounces find no server\n" },
	{ "lost", "site", "{\"recommended\":true}",
	  "      lost, though nothing is withheld for it: site a.example  (T)\n"
	  "        the URL that goes with the mail does not lead to the product\n" },
	{ "lost", "dkim", "{\"recommended\":true}",
	  "      lost, though nothing is withheld for it: dkim a.example  (T)\n"
	  "        the place of a later key is lost: that key cannot take over\n" },
	{ "recovered", "dmarc", "{\"recommended\":true}",
	  "      there again: dmarc a.example  (T)\n" },
	{ "recovered", "spf", "{}", "      there again: spf a.example  (T)\n" },
	{ "verified", NULL, "{}", "      everything that was agreed on is there  (T)\n" },
	{ "unmet", NULL,
	  "{\"reasons\":[{\"purpose\":\"dkim\",\"state\":\"missing\",\"name\":\"s1\","
	  "\"explanation\":\"no record\"}]}",
	  "      72 hours after the customer's report something is still missing  (T)\n"
	  "        dkim missing: s1\n"
	  "            no record\n" },
	{ "degraded", NULL, "{}",
	  "      withheld from now on: the grace after the loss is over  (T)\n" },
	{ "certificate", "smarthost", "{\"days\":1}",
	  "      a certificate ends soon: smarthost a.example  (T)\n        1 day is left\n" },
	{ "key-age", "dkim", "{\"days\":190}",
	  "      a signing key is old: dkim a.example  (T)\n        it has signed for 190 days\n" },
};

static void each_kind(void **state)
{
	UNUSED(state);
	for (size_t i = 0; i < LENGTH(kinds); i++) {
		struct change change = { .kind = kinds[i].kind,
			                 .purpose = kinds[i].purpose,
			                 .name = "a.example",
			                 .at = "T",
			                 .client = "lms/acme",
			                 .domain = "a.example",
			                 .detail = parse(kinds[i].detail) };
		struct change_list list = { &change, 1 };
		struct channel channel = { .provider = "lms", .domains = 3 };
		struct text out = { 0 };
		struct text expected = { 0 };

		text_addf(&expected, "lms: 1 change\n\nlms/acme\n    a.example\n%s",
		          kinds[i].lines);
		digest_body(&channel, &list, &out);
		assert_string_equal(text_string(&out), text_string(&expected));
		text_free(&expected);
		text_free(&out);
		change_drop(&list);
	}
}

/* Clients and domains stand once, over all that is theirs. */
static void groups(void **state)
{
	struct change changes[] = {
		{ .kind = "verified", .at = "1", .client = "lms/a", .domain = "x.example" },
		{ .kind = "lost",
		  .at = "2",
		  .client = "lms/a",
		  .domain = "x.example",
		  .purpose = "spf",
		  .name = "x.example" },
		{ .kind = "verified", .at = "3", .client = "lms/b", .domain = "x.example" },
		{ .kind = "verified",
		  .at = "4",
		  .client = "lms/b",
		  .domain = "xn--bcher-kva.example" },
	};
	struct change_list list = { changes, LENGTH(changes) };
	struct channel channel = { .provider = "lms", .domains = 3 };
	struct text out = { 0 };

	UNUSED(state);
	digest_body(&channel, &list, &out);
	assert_string_equal(text_string(&out),
	                    "lms: 4 changes\n"
	                    "\nlms/a\n    x.example\n"
	                    "      everything that was agreed on is there  (1)\n"
	                    "      lost: spf x.example  (2)\n"
	                    "\nlms/b\n    x.example\n"
	                    "      everything that was agreed on is there  (3)\n"
	                    "    bücher.example\n"
	                    "      everything that was agreed on is there  (4)\n");
	text_free(&out);
}

static void quiet(void **state)
{
	static const struct {
		long long domains;
		const char *line;
	} days[] = { { 1, "lms: the one domain as yesterday\n" },
		     { 10000, "lms: all 10000 domains as yesterday\n" } };

	UNUSED(state);
	for (size_t i = 0; i < LENGTH(days); i++) {
		struct channel channel = { .provider = "lms", .domains = days[i].domains };
		struct change_list list = { 0 };
		struct text out = { 0 };

		digest_body(&channel, &list, &out);
		assert_string_equal(text_string(&out), days[i].line);
		text_free(&out);
	}
}

static void notice(void **state)
{
	struct change change = { .uuid = "u",
		                 .kind = "lost",
		                 .purpose = "spf",
		                 .name = "a.example",
		                 .at = "T",
		                 .provider = "lms",
		                 .client = "lms/acme",
		                 .domain = "a.example",
		                 .detail = parse("{\"state\":\"missing\"}") };
	struct change_list list = { &change, 1 };
	struct text out = { 0 };

	UNUSED(state);
	notice_render(&change, &out);
	struct tree *read = parse(text_string(&out));
	assert_string_equal(tree_find_text(read, "id"), "u");
	assert_string_equal(tree_find_text(read, "change"), "lost");
	assert_string_equal(tree_find_text(read, "client"), "lms/acme");
	assert_string_equal(tree_find_text(read, "sentence"), "lost: spf a.example");
	assert_string_equal(tree_find_text(tree_get(read, "detail"), "state"), "missing");
	assert_null(tree_find_text(read, "meaning"));
	tree_drop(read);
	text_free(&out);
	change_drop(&list);
}

/* A program that reads notices knows what is only recommended, and why it matters. */
static void notice_of_recommended(void **state)
{
	struct change change = { .uuid = "u",
		                 .kind = "lost",
		                 .purpose = "return",
		                 .name = "a.example",
		                 .at = "T",
		                 .detail = parse("{\"recommended\":true}") };
	struct change_list list = { &change, 1 };
	struct text out = { 0 };

	UNUSED(state);
	notice_render(&change, &out);
	struct tree *read = parse(text_string(&out));
	assert_string_equal(tree_find_text(read, "meaning"), "replies and bounces find no server");
	tree_drop(read);
	text_free(&out);
	change_drop(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test(groups),
		cmocka_unit_test(quiet),
		cmocka_unit_test(notice),
		cmocka_unit_test(notice_of_recommended),
	};
	words_setup("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
