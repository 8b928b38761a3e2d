/* core/wire: what strangers' servers say becomes values, and every fault a sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/words.h"
#include "core/verify/probe_verdict.h"
#include "core/verify/url_probe.h"
#include "core/wire/smtp_reply.h"
#include "core/wire/smtp_result.h"
#include "core/wire/wire.h"
#include "core/wire/wire_fault.h"

struct reply_case {
	const char *lines; /* separated by \n */
	enum smtp_reply_state state;
	int code;
	const char *text;
};

static const struct reply_case replies[] = {
	{ "220 mx.example ESMTP", SMTP_REPLY_DONE, 220, "220 mx.example ESMTP" },
	{ "250", SMTP_REPLY_DONE, 250, "250" },
	{ "250-", SMTP_REPLY_MORE, 250, "250 " },
	{ "550-5.7.1 not you\n550 5.7.1 ask", SMTP_REPLY_DONE, 550, "550 5.7.1 not you 5.7.1 ask" },
	{ "250-one\n250-two", SMTP_REPLY_MORE, 250, "250 one two" },
	{ "250-one\n550 two", SMTP_REPLY_DONE, 550, "250 one two" },
	{ "220 \x1b[31mred\x07", SMTP_REPLY_DONE, 220, "220 ?[31mred?" },
	{ "220 gr\xc3\xbc\xc3\x9f", SMTP_REPLY_DONE, 220, "220 gr\xc3\xbc\xc3\x9f" },
	{ "220 gr\xfc\xdf", SMTP_REPLY_DONE, 220, "220 gr??" },
	{ "220 a\xe2\x80\xae"
	  "b",
	  SMTP_REPLY_DONE, 220, "220 a?b" },
	{ "", SMTP_REPLY_GARBLED, 0, "" },
	{ "22", SMTP_REPLY_GARBLED, 0, "" },
	{ "HTTP/1.1 400 Bad Request", SMTP_REPLY_GARBLED, 0, "" },
	{ "2200 x", SMTP_REPLY_GARBLED, 0, "" },
	{ "199 x", SMTP_REPLY_GARBLED, 0, "" },
	{ "650 x", SMTP_REPLY_GARBLED, 0, "" },
	{ "+OK POP3", SMTP_REPLY_GARBLED, 0, "" },
	{ "* OK IMAP4rev1", SMTP_REPLY_GARBLED, 0, "" },
	{ "SSH-2.0-OpenSSH", SMTP_REPLY_GARBLED, 0, "" },
};

static void a_reply_is_read(void **state)
{
	struct arena arena = { 0 };

	UNUSED(state);
	for (size_t i = 0; i < LENGTH(replies); i++) {
		struct smtp_reply reply = { 0 };
		enum smtp_reply_state last = SMTP_REPLY_MORE;
		const char *at = replies[i].lines;

		for (;;) {
			size_t length = strcspn(at, "\n");

			last = smtp_reply_add(&reply, arena_copy_part(&arena, at, length));
			if (at[length] == '\0')
				break;
			at += length + 1;
		}
		assert_int_equal(last, replies[i].state);
		assert_int_equal(reply.code, replies[i].code);
		assert_string_equal(reply.text, replies[i].text);
	}
	arena_reset(&arena);
}

static void a_reply_is_bounded(void **state)
{
	struct smtp_reply reply = { 0 };
	char line[2000] = "250-";
	size_t lines = 0;

	UNUSED(state);
	memset(line + 4, 'x', sizeof(line) - 5);
	while (smtp_reply_add(&reply, line) == SMTP_REPLY_MORE)
		lines++;
	assert_int_equal(lines, SMTP_REPLY_LINES);
	assert_true(strlen(reply.text) <= SMTP_REPLY_TEXT);
}

struct offer_case {
	const char *line;
	bool starttls;
	const char *auth;
};

static const struct offer_case offers[] = {
	{ "250-STARTTLS", true, "" },
	{ "250 starttls", true, "" },
	{ "250-STARTTLSX", false, "" },
	{ "250-AUTH PLAIN LOGIN", false, "PLAIN LOGIN" },
	{ "250-AUTH=PLAIN LOGIN", false, "PLAIN LOGIN" },
	{ "250-auth plain  login", false, "PLAIN LOGIN" },
	{ "250-AUTH PLAIN PLAIN plain", false, "PLAIN" },
	{ "250-AUTH", false, "" },
	{ "250-AUTH ", false, "" },
	{ "250-AUTHX PLAIN", false, "" },
	{ "250-AUTH SCRAM-SHA-256-PLUS XOAUTH2", false, "SCRAM-SHA-256-PLUS XOAUTH2" },
	{ "250-AUTH PL\x1b"
	  "AIN LOGIN",
	  false, "LOGIN" },
	{ "250-AUTH AVERYLONGMECHANISMNAME LOGIN", false, "LOGIN" },
	{ "250", false, "" },
	{ "", false, "" },
};

static void what_is_offered_is_read(void **state)
{
	struct smtp_offer many = { 0 };

	UNUSED(state);
	for (size_t i = 0; i < LENGTH(offers); i++) {
		struct smtp_offer offer = { 0 };

		smtp_offer_note(&offer, offers[i].line);
		assert_int_equal(offer.starttls, offers[i].starttls);
		assert_string_equal(offer.auth, offers[i].auth);
	}
	smtp_offer_note(&many, "250-AUTH=LOGIN");
	smtp_offer_note(&many, "250-AUTH LOGIN PLAIN");
	assert_string_equal(many.auth, "LOGIN PLAIN");
	for (int i = 0; i < 100; i++) {
		char line[40];

		(void)snprintf(line, sizeof(line), "250-AUTH MECHANISM-%d", i);
		smtp_offer_note(&many, line);
	}
	assert_true(strlen(many.auth) <= SMTP_OFFER_AUTH);
	assert_true(smtp_offer_has("PLAIN LOGIN", "login"));
	assert_false(smtp_offer_has("PLAIN-CLIENTTOKEN", "PLAIN"));
	assert_false(smtp_offer_has("", "PLAIN"));
	assert_false(smtp_offer_has(NULL, "PLAIN"));
}

static const struct {
	const char *address;
	bool is_private;
} addresses[] = {
	{ "10.0.0.1", true },          { "11.0.0.1", false },
	{ "172.15.0.1", false },       { "172.16.0.1", true },
	{ "172.31.255.255", true },    { "172.32.0.1", false },
	{ "192.168.1.1", true },       { "192.169.0.1", false },
	{ "100.63.255.255", false },   { "100.64.0.1", true },
	{ "100.127.0.1", true },       { "100.128.0.1", false },
	{ "169.254.1.1", true },       { "127.0.0.1", true },
	{ "192.0.2.1", false },        { "::1", true },
	{ "fc00::1", true },           { "fd12::1", true },
	{ "fe80::1", true },           { "fec0::1", false },
	{ "2001:db8::1", false },      { "::ffff:10.0.0.1", true },
	{ "::ffff:192.0.2.1", false }, { "nonsense", false },
};

static void private_addresses_are_known(void **state)
{
	UNUSED(state);
	for (size_t i = 0; i < LENGTH(addresses); i++)
		assert_int_equal(wire_is_private(addresses[i].address), addresses[i].is_private);
}

static const char *const places[] = { "{host}", "{port}", "{address}", "{name}",  "{said}",
	                              "{tls}",  "{date}", "{user}",    "{sender}" };

static void every_fault_has_its_row(void **state)
{
	struct arena arena = { 0 };
	const struct wire_detail full = { .host = "h",
		                          .port = 1,
		                          .address = "a",
		                          .name = "n",
		                          .said = "s",
		                          .tls = "t",
		                          .date = "d",
		                          .user = "u",
		                          .sender = "x" };

	UNUSED(state);
	words_setup("en");
	for (int i = 0; i < WIRE_FAULTS; i++) {
		const struct wire_fault_row *row = wire_fault_row((enum wire_fault)i);

		assert_non_null(row->word);
		assert_non_null(row->sentence);
		assert_int_equal(wire_fault_find(row->word), i);
		assert_null(strpbrk(wire_fault_say(&arena, (enum wire_fault)i, &full), "{}%"));
	}
	assert_int_equal(wire_fault_find("nonsense"), WIRE_FAULTS);
	assert_int_equal(wire_fault_find(NULL), WIRE_FAULTS);
	arena_reset(&arena);
}

static void german_keeps_every_place(void **state)
{
	UNUSED(state);
	words_setup("de");
	for (int i = 0; i < WIRE_FAULTS; i++) {
		const char *sentence = wire_fault_row((enum wire_fault)i)->sentence;
		const char *german = _(sentence);

		for (size_t p = 0; p < LENGTH(places); p++)
			assert_int_equal(strstr(sentence, places[p]) != NULL,
			                 strstr(german, places[p]) != NULL);
	}
	words_setup("en");
}

static void a_place_is_filled_once(void **state)
{
	struct arena arena = { 0 };
	const struct wire_detail hostile = { .host = "{said}", .name = "{host} %s {" };

	UNUSED(state);
	assert_string_equal(wire_fault_say(&arena, WIRE_CERT_NAME, &hostile),
	                    "its certificate is for {host} %s {, not for {said}");
	assert_string_equal(wire_fault_say(&arena, WIRE_CERT_NAME, &(struct wire_detail){ 0 }),
	                    "its certificate is for ?, not for ?");
	arena_reset(&arena);
}

static const struct {
	const char *url;
	bool good;
	bool encrypted;
	const char *host;
	int port;
	const char *path;
} urls[] = {
	{ "https://learn.acme.example/", true, true, "learn.acme.example", 443, "/" },
	{ "https://Learn.ACME.example", true, true, "learn.acme.example", 443, "/" },
	{ "http://learn.acme.example/a?b#c", true, false, "learn.acme.example", 80, "/a?b" },
	{ "https://learn.acme.example:8443/x", true, true, "learn.acme.example", 8443, "/x" },
	{ "https://learn.acme.example?x=1", true, true, "learn.acme.example", 443, "/?x=1" },
	{ "HTTPS://a.example/", true, true, "a.example", 443, "/" },
	{ "ftp://a.example/", false, false, NULL, 0, NULL },
	{ "https:///x", false, false, NULL, 0, NULL },
	{ "https://", false, false, NULL, 0, NULL },
	{ "https://user@a.example/", false, false, NULL, 0, NULL },
	{ "https://a.example:0/", false, false, NULL, 0, NULL },
	{ "https://a.example:99999/", false, false, NULL, 0, NULL },
	{ "", false, false, NULL, 0, NULL },
};

static void a_url_is_taken_apart(void **state)
{
	struct arena arena = { 0 };

	UNUSED(state);
	for (size_t i = 0; i < LENGTH(urls); i++) {
		struct url_parts parts;

		assert_int_equal(url_probe_parse(&arena, urls[i].url, &parts), urls[i].good);
		if (!urls[i].good)
			continue;
		assert_int_equal(parts.encrypted, urls[i].encrypted);
		assert_string_equal(parts.host, urls[i].host);
		assert_int_equal(parts.port, urls[i].port);
		assert_string_equal(parts.path, urls[i].path);
	}
	arena_reset(&arena);
}

static void a_result_crosses_a_process(void **state)
{
	struct arena arena = { 0 };
	const struct smtp_sender senders[] = {
		{ "a@acme.example", WIRE_GOOD, NULL },
		{ "b@acme.example", WIRE_SENDER_REFUSED, "550 no" },
	};
	const struct smtp_result before = { .fault = WIRE_SENDER_REFUSED,
		                            .said = "550 no",
		                            .facts = { .version = "TLSv1.3",
		                                       .cipher = "C",
		                                       .names = "n",
		                                       .issuer = "i",
		                                       .begins = "2026-01-01",
		                                       .expires = "2026-12-31",
		                                       .days_left = 7 },
		                            .auth_clear = "",
		                            .auth = "PLAIN",
		                            .logged_in = true,
		                            .senders = senders,
		                            .sender_count = 2 };
	struct tree *tree = smtp_result_tree(&before);
	struct smtp_result after;

	UNUSED(state);
	smtp_result_read(&arena, tree, &after);
	assert_int_equal(after.fault, WIRE_SENDER_REFUSED);
	assert_string_equal(after.said, "550 no");
	assert_string_equal(after.facts.version, "TLSv1.3");
	assert_string_equal(after.facts.expires, "2026-12-31");
	assert_int_equal(after.facts.days_left, 7);
	assert_true(after.logged_in);
	assert_false(after.test_sent);
	assert_int_equal(after.sender_count, 2);
	assert_null(after.senders[0].said);
	assert_int_equal(after.senders[1].fault, WIRE_SENDER_REFUSED);
	tree_drop(tree);
	/* whatever a process that was taken over might say */
	smtp_result_read(&arena, NULL, &after);
	assert_int_equal(after.fault, WIRE_BROKEN);
	tree = tree_map();
	tree_put_number(tree, "fault", 7);
	tree_put_text(tree, "senders", "x");
	tree_put_text(tree, "certificate", "x");
	tree_put_text(tree, "said", "\x1b[2J");
	smtp_result_read(&arena, tree, &after);
	assert_int_equal(after.fault, WIRE_BROKEN);
	assert_int_equal(after.sender_count, 0);
	assert_string_equal(after.said, "?[2J");
	tree_drop(tree);
	arena_reset(&arena);
}

/* A worker that died, and many senders that are refused. */
static void a_verdict_is_made(void **state)
{
	struct arena arena = { 0 };
	struct facts_domain domain = { .smarthost = "s.example",
		                       .smarthost_port = 587,
		                       .smarthost_user = "u" };
	struct verdict verdict = { .explanation = "" };
	struct smtp_sender senders[8];
	struct smtp_result result = { .fault = WIRE_SENDER_REFUSED,
		                      .senders = senders,
		                      .sender_count = 8 };
	struct tree *tree = NULL;

	UNUSED(state);
	words_setup("en");
	probe_verdict_smarthost(&arena, &domain, NULL, &verdict);
	assert_int_equal(verdict.state, VERDICT_UNKNOWN);
	assert_string_equal(verdict.explanation, "the probe did not come to an end");
	for (size_t i = 0; i < 8; i++)
		senders[i] = (struct smtp_sender){ arena_print(&arena, "s%zu@x", i),
			                           WIRE_SENDER_REFUSED, "550" };
	tree = smtp_result_tree(&result);
	probe_verdict_smarthost(&arena, &domain, tree, &verdict);
	assert_int_equal(verdict.state, VERDICT_CONFLICT);
	assert_non_null(strstr(verdict.explanation, "u is not allowed to send as s4@x: 550"));
	assert_null(strstr(verdict.explanation, "s5@x"));
	assert_non_null(strstr(verdict.explanation, "and 3 more senders"));
	assert_non_null(strstr(verdict.probe, "\"sender-refused\""));
	tree_drop(tree);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_is_read),
		cmocka_unit_test(a_reply_is_bounded),
		cmocka_unit_test(what_is_offered_is_read),
		cmocka_unit_test(private_addresses_are_known),
		cmocka_unit_test(every_fault_has_its_row),
		cmocka_unit_test(german_keeps_every_place),
		cmocka_unit_test(a_place_is_filled_once),
		cmocka_unit_test(a_url_is_taken_apart),
		cmocka_unit_test(a_result_crosses_a_process),
		cmocka_unit_test(a_verdict_is_made),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
