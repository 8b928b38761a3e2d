#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/base/base64.h"
#include "core/base/words.h"
#include "core/handover/sheet_delta.h"
#include "core/handover/sheet_model.h"
#include "core/handover/sheet_render.h"
#include "core/plan/planner.h"
#include "tests/unit/ask_world.h"

/* A public half made for this test; its private half was thrown away. */
#define SPKI \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1qk+D52HIoG2heIHRXHkOr/ABfRN" \
	"USpxHj25DslU9aS1LrkQj3GPJILLVofe+n7vn9cFDWNEMLUw3jIiaBt0cLtpfDwnQyHkiTIe" \
	"vEvz/mE1CfHgnlXEslSLkHVB3j1I/bdb5zlem9THir8tMC8wT5+18ix1ZggmYbrcC0a0utCF" \
	"L99IpD8l3iehz0q/xSN15iNfVEmjJXBcgia7uGgtWHpt51EDBbXKknFeC7NHczemUwog4EsD" \
	"gE2rDfJhkpJvDsynfP4p2oeeb9wPXJIv6D6RpcGK2WJtacwBU/9SIVXV63+/jDhja57N98L2" \
	"ku5M3t9S7BmP3+CeYDx8E91gCQIDAQAB"

static const char *mx1[] = { "192.0.2.1", "2001:db8::1", NULL };
static struct facts_relay relays[] = { { "mx1", "mx1.vendor.example", mx1 } };

static struct facts_sender claim[] = {
	{ "claim@acme.example", "Acme Reklamation", NULL, "https://acme.learning.vendor.example/",
	  "Auszubildende" },
	{ "info@acme.example", NULL, NULL, NULL, NULL },
};
static struct facts_sender hosted[] = {
	{ "kurs@acme.learning.vendor.example", NULL, NULL, "https://acme.learning.vendor.example/",
	  NULL },
};
static struct facts_sender jobs[] = { { "jobs@acme-hr.example", NULL, NULL, NULL, NULL } };
static struct facts_sender news[] = {
	{ "news@news.xn--mller-kva.example", "<script>alert(\"1\")</script>", NULL, NULL, NULL },
};
static struct facts_sender old[] = { { "alt@acme-old.example", NULL, NULL, NULL, NULL } };

/* clang-format off */
static struct facts_key txt_keys[] = {
	{ .id = 1, .selector = "s202605a", .algorithm = "rsa-sha256", .bits = 2048,
	  .publish = "txt", .state = "retired" },
	{ .id = 2, .selector = "s202608b", .algorithm = "rsa-sha256", .bits = 2048,
	  .publish = "txt", .state = "revoked" },
	{ .id = 3, .selector = "s202611a", .algorithm = "rsa-sha256", .bits = 2048,
	  .publish = "txt", .state = "publish-pending" },
};
/* clang-format on */
static struct facts_key cname_keys[] = {
	{ .id = 4,
	  .selector = "s202608a",
	  .algorithm = "rsa-sha256",
	  .bits = 2048,
	  .publish = "cname",
	  .state = "active" },
	{ .id = 5,
	  .selector = "s202611b",
	  .algorithm = "rsa-sha256",
	  .bits = 2048,
	  .publish = "cname",
	  .state = "generated" },
};

/* clang-format off */
static struct facts_domain domains[] = {
	{ .id = 1, .name = "acme-hr.example", .mode = "direct", .smarthost = "smtp.acme-hr.example",
	  .smarthost_port = 587, .smarthost_tls = "starttls", .smarthost_user = "lms",
	  .senders = jobs, .sender_count = 1 },
	{ .id = 2, .name = "acme-old.example", .mode = "on-premises", .senders = old,
	  .sender_count = 1 },
	{ .id = 3, .name = "acme.example", .mode = "relayed", .dkim = true, .publish = "txt",
	  .keys = txt_keys, .key_count = LENGTH(txt_keys), .senders = claim, .sender_count = 2 },
	{ .id = 4, .name = "acme.learning.vendor.example", .mode = "hosted", .dkim = true,
	  .publish = "txt", .senders = hosted, .sender_count = 1 },
	{ .id = 5, .name = "news.xn--mller-kva.example", .mode = "relayed", .dkim = true,
	  .publish = "cname", .keys = cname_keys, .key_count = LENGTH(cname_keys),
	  .senders = news, .sender_count = 1, .envelope_domain = "bounce.news.xn--mller-kva.example" },
};
/* clang-format on */

static const struct facts facts = {
	.provider = "lms",
	.title = "Lernwelt",
	.hosting_domain = "learning.vendor.example",
	.spf_host = "_spf.vendor.example",
	.language = "de",
	.contact = "Anna Beispiel, mail@vendor.example, +49 30 1234567",
	.relays = relays,
	.relay_count = LENGTH(relays),
	.domains = domains,
	.domain_count = LENGTH(domains),
};

/* acme.example publishes something already; the others nothing. */
static const struct ask_world world[] = {
	{ "acme.example", "v=spf1 mx -all", ASK_TXT },
	{ NULL, NULL, ASK_TXT },
};

static void keys_fill(struct arena *arena, struct facts_key *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_true(base64_parse(arena, SPKI, strlen(SPKI), &keys[i].public_key,
		                         &keys[i].public_key_size));
}

/* The model of all of the above; the domain at `waived` does without SPF. */
static struct tree *model_of(struct arena *arena, const struct ask *dns, const char *language)
{
	struct err err = { 0 };
	struct planner planner = { .arena = arena, .facts = &facts, .ask = dns };

	keys_fill(arena, txt_keys, LENGTH(txt_keys));
	keys_fill(arena, cname_keys, LENGTH(cname_keys));
	domains[4].waived[PURPOSE_DMARC] = "Richtlinie & Berichte liegen beim Konzern";
	for (size_t i = 0; i < facts.domain_count; i++)
		if (!planner_domain(&planner, &domains[i], &err))
			fail_msg("%s", err.text);
	return sheet_model_tree(arena, &(struct sheet_model){
					       .facts = &facts,
					       .requirements = &planner.list,
					       .client = "acme",
					       .client_title = "Acme Müller GmbH & Co. <KG>",
					       .client_contact = "IT <it@acme.example>",
					       .language = language,
				       });
}

static void rendered(struct arena *arena, const struct tree *model, const char *language,
                     enum sheet_form form, struct text *out)
{
	struct err err = { 0 };
	struct sheet_face face = { .model = model,
		                   .language = language,
		                   .number = 3,
		                   .replaces = 2,
		                   .date = "2026-11-02T10:00:00Z",
		                   .digest = "0123456789abcdef0123456789abcdef" };

	if (!sheet_render(arena, &face, form, out, &err))
		fail_msg("%s", err.text);
}

/* Byte for byte what is in tests/golden/handover; REGOLD=1 writes it anew. */
static void compare(const char *name, const struct text *got)
{
	static char wanted[200000];
	char path[512];
	const char *top = getenv("top_srcdir");

	(void)snprintf(path, sizeof path, "%s/tests/golden/handover/%s", top != NULL ? top : ".",
	               name);
	if (getenv("REGOLD") != NULL) {
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		assert_int_equal(fwrite(got->data, 1, got->length, file), got->length);
		assert_int_equal(fclose(file), 0);
	}
	FILE *file = fopen(path, "r");
	if (file == NULL)
		fail_msg("%s is missing; REGOLD=1 makes it", path);
	size_t size = fread(wanted, 1, sizeof wanted - 1, file);
	wanted[size] = '\0';
	(void)fclose(file);
	size_t line = 1;
	for (size_t i = 0; i < size && i < got->length; i++) {
		if (wanted[i] != got->data[i])
			fail_msg("%s differs from line %zu on: got \"%.60s\"", name, line,
			         got->data + i);
		line += wanted[i] == '\n';
	}
	if (size != got->length)
		fail_msg("%s: %zu octets instead of %zu", name, got->length, size);
}

static void sheets_are_byte_for_byte_right(void **state)
{
	static const struct {
		const char *language;
		enum sheet_form form;
		bool dns;
		const char *file;
	} rows[] = {
		{ "de", SHEET_TXT, false, "acme.de.txt" },
		{ "de", SHEET_HTML, false, "acme.de.html" },
		{ "en", SHEET_TXT, false, "acme.en.txt" },
		{ "en", SHEET_HTML, false, "acme.en.html" },
		{ "de", SHEET_TXT, true, "acme-dns.de.txt" },
		{ "en", SHEET_HTML, true, "acme-dns.en.html" },
	};
	struct ask dns = ask_world(world);

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = { 0 };
		struct text out = { 0 };
		struct tree *model = model_of(&arena, rows[i].dns ? &dns : NULL, rows[i].language);
		rendered(&arena, model, rows[i].language, rows[i].form, &out);
		compare(rows[i].file, &out);
		tree_drop(model);
		text_free(&out);
		arena_reset(&arena);
	}
}

/* Whatever a name holds, the page holds it as text. */
static void foreign_words_stay_words(void **state)
{
	struct arena arena = { 0 };
	struct text out = { 0 };

	(void)state;
	struct tree *model = model_of(&arena, NULL, "de");
	rendered(&arena, model, "de", SHEET_HTML, &out);
	assert_null(strstr(out.data, "<script"));
	assert_null(strstr(out.data, "<KG>"));
	assert_non_null(strstr(out.data, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"));
	assert_null(strstr(out.data, "{{"));
	assert_non_null(strstr(out.data, "default-src 'none'"));
	tree_drop(model);
	text_free(&out);
	arena_reset(&arena);
}

/* Every opened element is closed in its turn: a page that is not is shown
 * differently by every browser. */
static void pages_are_well_formed(void **state)
{
	static const char *const languages[] = { "de", "en" };
	static const char *const empty[] = { "meta", "!DOCTYPE" };

	(void)state;
	for (size_t l = 0; l < LENGTH(languages); l++) {
		struct arena arena = { 0 };
		struct text out = { 0 };
		const char *open[64];
		size_t depth = 0;
		struct tree *model = model_of(&arena, NULL, languages[l]);
		rendered(&arena, model, languages[l], SHEET_HTML, &out);
		for (const char *p = out.data; (p = strchr(p, '<')) != NULL; p++) {
			bool closes = p[1] == '/', alone = false;
			const char *name = p + 1 + closes;
			size_t length = strcspn(name, " >\n");
			for (size_t i = 0; i < LENGTH(empty); i++)
				alone = alone || strncmp(name, empty[i], length) == 0;
			if (alone)
				continue;
			if (!closes) {
				assert_true(depth < LENGTH(open));
				open[depth++] = arena_copy_part(&arena, name, length);
			} else if (depth == 0 || strncmp(open[depth - 1], name, length) != 0) {
				fail_msg("%s: </%.*s> closes <%s>", languages[l], (int)length, name,
				         depth > 0 ? open[depth - 1] : "nothing");
			} else {
				depth--;
			}
		}
		assert_int_equal(depth, 0);
		tree_drop(model);
		text_free(&out);
		arena_reset(&arena);
	}
}

static void a_delta_names_what_changed(void **state)
{
	static const char older[] = "{\"domains\":[{\"name\":\"acme.example\",\"add\":{\"items\":["
				    "{\"name\":\"acme.example\",\"type\":\"TXT\",\"value\":\"v="
				    "spf1 a -all\",\"action\":\"add\"},"
				    "{\"name\":\"s1.acme.example\",\"type\":\"TXT\",\"value\":"
				    "\"k1\",\"action\":\"add\"},"
				    "{\"name\":\"gone.acme.example\",\"type\":\"TXT\",\"value\":"
				    "\"x\",\"action\":\"add\"}]},"
				    "\"keep\":null}]}";
	static const char newer[] = "{\"domains\":[{\"name\":\"acme.example\",\"add\":{\"items\":["
				    "{\"name\":\"acme.example\",\"type\":\"TXT\",\"value\":\"v="
				    "spf1 b -all\",\"action\":\"add\"},"
				    "{\"name\":\"s2.acme.example\",\"type\":\"TXT\",\"value\":"
				    "\"k2\",\"action\":\"add\"}]},"
				    "\"delete\":{\"items\":["
				    "{\"name\":\"s1.acme.example\",\"type\":\"TXT\",\"value\":"
				    "\"k1\",\"action\":\"delete\"}]}}]}";
	static const struct {
		const char *change, *name, *before;
	} want[] = {
		{ "changed", "acme.example", "v=spf1 a -all" },
		{ "added", "s2.acme.example", NULL },
		{ "changed", "s1.acme.example", "add" },
		{ "removed", "gone.acme.example", NULL },
	};
	struct err err = { 0 };
	struct tree *delta = NULL;

	(void)state;
	assert_true(sheet_delta(older, newer, &delta, &err));
	assert_int_equal(tree_count(delta), LENGTH(want));
	for (size_t i = 0; i < LENGTH(want); i++) {
		const struct tree *row = tree_at(delta, i);
		assert_string_equal(tree_find_text(row, "change"), want[i].change);
		assert_string_equal(tree_find_text(row, "name"), want[i].name);
		if (want[i].before != NULL)
			assert_string_equal(tree_find_text(row, "before"), want[i].before);
	}
	tree_drop(delta);
	assert_true(sheet_delta(newer, newer, &delta, &err));
	assert_int_equal(tree_count(delta), 0);
	tree_drop(delta);
	delta = NULL;
	assert_false(sheet_delta("{", newer, &delta, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sheets_are_byte_for_byte_right),
		cmocka_unit_test(foreign_words_stay_words),
		cmocka_unit_test(pages_are_well_formed),
		cmocka_unit_test(a_delta_names_what_changed),
	};
	words_setup("en");
	return cmocka_run_group_tests_name("sheet", tests, NULL, NULL);
}
