#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/attr.h"
#include "core/export/release.h"
#include "core/export/target.h"

/*
 * Rows from arrays instead of a database: the renderers can't tell.  With
 * REGOLD set, the golden files are written instead of compared.
 */
struct fixture {
	const struct serving_sender *senders;
	const struct serving_sender *envelopes;
	const struct serving_domain *domains;
	const struct serving_hop *hops;
	const struct serving_key *keys;
	const struct serving_login *logins;
};

#define FEED(name, type, field) \
	static bool feed_##name(void *rows, serving_##type##_fn call, void *context, \
	                        struct err *err) \
	{ \
		const struct fixture *fixture = rows; \
		for (const struct serving_##type *row = fixture->name; \
		     row != NULL && row->field != NULL; row++) \
			if (!call(row, context, err)) \
				return false; \
		return true; \
	}

FEED(senders, sender, address)
FEED(envelopes, sender, address)
FEED(domains, domain, name)
FEED(hops, hop, host)
FEED(keys, key, uuid)
FEED(logins, login, domain)

static const struct view_source from_arrays = {
	.senders = feed_senders,
	.envelopes = feed_envelopes,
	.domains = feed_domains,
	.hops = feed_hops,
	.keys = feed_keys,
	.logins = feed_logins,
};

static const struct generation_relay relay = {
	.full_name = "lms/mx1",
	.name = "mx1",
	.mta = "postfix",
	.signer = "opendkim",
	.ed25519 = true,
};

static void view_of(struct view *view, struct fixture *fixture)
{
	*view = (struct view){
		.relay = &relay,
		.root = "/var/lib/senderctl/relay/mx1",
		.number = 7,
		.source = &from_arrays,
		.rows = fixture,
	};
}

/* ---------------------------------------------------------------- golden files */

static const struct serving_sender good_senders[] = {
	{ "claim@acme.example", "acme-app", "1" },
	{ "o'brien+news=2026@acme.example", "acme-app,acme-batch", "2" },
	{ "post@xn--stadtwerke-mhlental-hbc.example", "muehle@vendor.example", "1" },
	{ "treasury@bank.example", "bank-app", "1" },
	{ NULL, NULL, NULL },
};

static const struct serving_sender good_envelopes[] = {
	{ "claim@bounce.acme.example", "acme-app", "1" },
	{ NULL, NULL, NULL },
};

static const struct serving_domain good_domains[] = {
	{ .id = 1,
	  .name = "acme.example",
	  .mode = "relayed",
	  .envelope_domain = "bounce.acme.example",
	  .rsa_key = 11,
	  .rsa_selector = "s202611a",
	  .ed_key = 12,
	  .ed_selector = "e202611a" },
	{ .id = 2,
	  .name = "bank.example",
	  .mode = "direct",
	  .host = "smtp.bank.example",
	  .port = "587",
	  .tls = "starttls",
	  .auth_user = "relay-user@bank",
	  .ca = "bank-ca",
	  .smarthost_uuid = "7b0b8a4e-6f0e-4f0a-9d3e-0d6f4b1f2a33" },
	{ .id = 3,
	  .name = "old.example",
	  .mode = "direct",
	  .host = "mail.old.example",
	  .port = "465",
	  .tls = "implicit",
	  .auth_user = "vendor",
	  .envelope_domain = "b.old.example",
	  .smarthost_uuid = "1f5a8a4e-6f0e-4f0a-9d3e-0d6f4b1f2a44" },
	{ .id = 4,
	  .name = "xn--stadtwerke-mhlental-hbc.example",
	  .mode = "relayed",
	  .rsa_key = 13,
	  .rsa_selector = "s202611b" },
	{ .name = NULL },
};

static const struct serving_hop good_hops[] = {
	{ "mail.old.example", "465", NULL },
	{ "smtp.bank.example", "587", "bank-ca" },
	{ NULL, NULL, NULL },
};

static const struct serving_key good_keys[] = {
	{ 12, "0e4f8a4e-6f0e-4f0a-9d3e-0d6f4b1f2a01", "acme.example", "e202611a",
	  "ed25519-sha256" },
	{ 10, "0e4f8a4e-6f0e-4f0a-9d3e-0d6f4b1f2a02", "acme.example", "s202605a", "rsa-sha256" },
	{ 11, "0e4f8a4e-6f0e-4f0a-9d3e-0d6f4b1f2a03", "acme.example", "s202611a", "rsa-sha256" },
	{ 0, NULL, NULL, NULL, NULL },
};

static const struct serving_login good_logins[] = {
	{ "acme.example", "acme-app", "bounce.acme.example" },
	{ "acme.example", "acme-batch", "bounce.acme.example" },
	{ "bank.example", "bank-app", NULL },
	{ NULL, NULL, NULL },
};

static struct fixture good = {
	.senders = good_senders,
	.envelopes = good_envelopes,
	.domains = good_domains,
	.hops = good_hops,
	.keys = good_keys,
	.logins = good_logins,
};

static void golden_path(const char *name, char *path, size_t size)
{
	const char *top = getenv("top_srcdir");

	(void)snprintf(path, size, "%s/tests/golden/%s", top != NULL ? top : ".", name);
}

static void like_golden(const char *name, const struct text *got)
{
	char path[512], want[16384] = "";
	size_t size = 0;

	golden_path(name, path, sizeof path);
	FILE *file = fopen(path, getenv("REGOLD") != NULL ? "w" : "r");
	if (file == NULL)
		fail_msg("cannot open %s", path);
	if (getenv("REGOLD") != NULL)
		(void)fputs(text_string(got), file);
	else
		size = fread(want, 1, sizeof want - 1, file);
	(void)fclose(file);
	if (getenv("REGOLD") == NULL) {
		assert_true(size < sizeof want - 1);
		assert_string_equal(text_string(got), want);
	}
}

static void every_artifact_is_as_its_golden_file_says(void **state)
{
	struct view view;

	(void)state;
	view_of(&view, &good);
	for (const struct target *const *target = targets; *target != NULL; target++) {
		struct outlet manifest = { 0 };
		struct err err = { 0 };
		char name[128];
		for (size_t i = 0; i < (*target)->artifact_count; i++) {
			const struct artifact *artifact = &(*target)->artifacts[i];
			struct outlet out = { 0 };
			if (!artifact->render(&view, &out, &err))
				fail_msg("%s: %s", artifact->path, err.text);
			like_golden(artifact->path, &out.text);
			outlet_drop(&out);
		}
		assert_true((*target)->wanted(&view));
		assert_true((*target)->manifest(&view, &manifest, &err));
		(void)snprintf(name, sizeof name, "%s/manifest", (*target)->name);
		like_golden(name, &manifest.text);
		outlet_drop(&manifest);
	}
}

/* ---------------------------------------------------------------- hostile words */

static const struct word_case {
	enum word_kind kind;
	const char *word;
	bool ok;
} words[] = {
	{ WORD_ADDRESS, "a@b.example", true },
	{ WORD_ADDRESS, "!&'*+/=?^_{|}~.-@b.example", true },
	{ WORD_ADDRESS, "x@b.example\nceo@victim.example\tlogin1", false },
	{ WORD_ADDRESS, "#a@b.example", false },
	{ WORD_ADDRESS, " a@b.example", false },
	{ WORD_ADDRESS, "a b@b.example", false },
	{ WORD_ADDRESS, "a,b@b.example", false },
	{ WORD_ADDRESS, "\"a\"@b.example", false },
	{ WORD_ADDRESS, "a$b@b.example", false },
	{ WORD_ADDRESS, "a%b@b.example", false },
	{ WORD_ADDRESS, "a:b@b.example", false },
	{ WORD_ADDRESS, "a;b@b.example", false },
	{ WORD_ADDRESS, "a\\b@b.example", false },
	{ WORD_ADDRESS, "a@b@b.example", false },
	{ WORD_ADDRESS, "@b.example", false },
	{ WORD_ADDRESS, "a@", false },
	{ WORD_ADDRESS, "a@b", false },
	{ WORD_ADDRESS, "a@b.example.", false },
	{ WORD_ADDRESS, "a@-b.example", false },
	{ WORD_ADDRESS, "a@192.0.2.1", false },
	{ WORD_ADDRESS, "\xc3\xa4@b.example", false },
	{ WORD_ADDRESS, "a\xe2\x80\xae@b.example", false },
	{ WORD_ADDRESS, "a\x7f@b.example", false },
	{ WORD_ADDRESS, "", false },
	{ WORD_ADDRESS, NULL, false },
	{ WORD_ADDRESS,
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b.example", true },
	{ WORD_ADDRESS,
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b.example", false },
	{ WORD_DOMAIN, "acme.example", true },
	{ WORD_DOMAIN, "Acme.example", false },
	{ WORD_DOMAIN, "acme.example|other.example", false },
	{ WORD_DOMAIN, "a..example", false },
	{ WORD_DOMAIN, "acme.example\n", false },
	{ WORD_DOMAIN, "%.example", false },
	{ WORD_DOMAIN, "*.example", false },
	{ WORD_SELECTOR, "s202611a", true },
	{ WORD_SELECTOR, "s; d=evil", false },
	{ WORD_SELECTOR, "s:x", false },
	{ WORD_SELECTOR, "../s", false },
	{ WORD_SELECTOR, "s_1", false },
	{ WORD_SELECTOR, "rsa#2", false },
	{ WORD_LOGIN, "acme-app@vendor.example", true },
	{ WORD_LOGIN, "acme,other", false },
	{ WORD_LOGIN, "acme other", false },
	{ WORD_LOGIN, "acme:app", false },
	{ WORD_LOGIN, "acme|app", false },
	{ WORD_LOGINS, "a,b,c", true },
	{ WORD_LOGINS, "a,,c", false },
	{ WORD_LOGINS, ",a", false },
	{ WORD_LOGINS, "a,", false },
	{ WORD_LOGINS, "a, b", false },
	{ WORD_PORT, "587", true },
	{ WORD_PORT, "0587", false },
	{ WORD_PORT, "65536", false },
	{ WORD_PORT, "-1", false },
	{ WORD_PORT, "587 secure", false },
	{ WORD_NAME, "bank-ca", true },
	{ WORD_NAME, "../../etc/passwd", false },
	{ WORD_NAME, "bank.ca", false },
	{ WORD_PATH, "/var/lib/x", true },
	{ WORD_PATH, "/var/../x", false },
	{ WORD_PATH, "var/lib", false },
	{ WORD_PATH, "/var/lib x", false },
	{ WORD_PATH, "/var/lib:x", false },
};

static void only_allowed_words_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(words); i++)
		if (outlet_word_ok(words[i].kind, words[i].word) != words[i].ok)
			fail_msg("kind %d, \"%s\" should be %s", words[i].kind,
			         words[i].word != NULL ? words[i].word : "(null)",
			         words[i].ok ? "good" : "refused");
}

/* What must never reach a file, whichever column it hides in. */
static const char *const hostile[] = {
	"\n",
	"\r",
	"\t",
	"x\nceo@victim.example\tlogin1",
	"#",
	"%",
	"$",
	":",
	";",
	"\"",
	"'x y'",
	",",
	"a,b",
	"a,b c",
	" ",
	"\\",
	"`",
	"(",
	"[",
	"\x01",
	"\x7f",
	"\xff",
	"x|victim.example",
	"../../x",
	"",
	"${x}",
	"%{x}",
	"{= 1 =}",
	"a,b",
	"\xe2\x80\xae",
};

/* Render everything; count the lines that came out of rows. */
static bool renders(struct fixture *fixture, struct text *all)
{
	struct view view;
	struct err err = { 0 };
	bool ok = true;

	view_of(&view, fixture);
	for (const struct target *const *target = targets; ok && *target != NULL; target++) {
		struct outlet manifest = { 0 };
		for (size_t i = 0; ok && i < (*target)->artifact_count; i++) {
			struct outlet out = { 0 };
			ok = (*target)->artifacts[i].render(&view, &out, &err);
			if (ok && (*target)->artifacts[i].table != TABLE_NONE)
				text_add(all, text_string(&out.text));
			outlet_drop(&out);
		}
		ok = ok && (*target)->manifest(&view, &manifest, &err);
		if (ok)
			text_add(all, text_string(&manifest.text));
		outlet_drop(&manifest);
	}
	assert_true(ok || err.code == ERR_INPUT);
	return ok;
}

static size_t lines_of(const struct text *text)
{
	size_t count = 0;

	for (const char *p = text_string(text); *p != '\0'; p++)
		count += *p == '\n';
	return count;
}

/*
 * Each hostile word, put into each column of each row in turn: either the
 * export is refused, or there are exactly as many lines as before and no line
 * of another tenant's.
 */
static void no_word_makes_a_second_line_or_another_tenants_key(void **state)
{
	struct text clean = { 0 };

	(void)state;
	assert_true(renders(&good, &clean));
	for (size_t h = 0; h < LENGTH(hostile); h++) {
		for (int column = 0; column < 17; column++) {
			struct serving_sender senders[] = { good_senders[0], { NULL, NULL, NULL } };
			struct serving_domain domains[] = { good_domains[0],
				                            good_domains[1],
				                            { .name = NULL } };
			struct serving_hop hops[] = { good_hops[1], { NULL, NULL, NULL } };
			struct serving_key keys[] = { good_keys[0], { 0, NULL, NULL, NULL, NULL } };
			struct serving_login logins[] = { good_logins[0], { NULL, NULL, NULL } };
			struct fixture fixture = { senders, NULL, domains, hops, keys, logins };
			const char **columns[] = {
				&senders[0].address,
				&senders[0].logins,
				&domains[0].name,
				&domains[0].rsa_selector,
				&domains[0].ed_selector,
				&domains[1].name,
				&domains[1].host,
				&domains[1].port,
				&domains[1].auth_user,
				&domains[1].smarthost_uuid,
				&domains[1].envelope_domain,
				&hops[0].host,
				&hops[0].ca,
				&keys[0].domain,
				&keys[0].selector,
				&logins[0].login,
				&logins[0].envelope_domain,
			};
			struct text before = { 0 }, after = { 0 };
			assert_true(renders(&fixture, &before));
			bool grows = *columns[column] == NULL;
			*columns[column] = hostile[h];
			if (renders(&fixture, &after)) {
				assert_true(grows || lines_of(&after) == lines_of(&before));
				assert_null(strstr(text_string(&after), "victim"));
			}
			text_free(&before);
			text_free(&after);
		}
	}
	text_free(&clean);
}

static void every_reason_has_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; release_reason_word(i) != NULL; i++)
		assert_string_not_equal(release_reason(release_reason_word(i)),
		                        release_reason_word(i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_artifact_is_as_its_golden_file_says),
		cmocka_unit_test(only_allowed_words_pass),
		cmocka_unit_test(no_word_makes_a_second_line_or_another_tenants_key),
		cmocka_unit_test(every_reason_has_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
