#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/verify/dns_message.h"

static struct arena arena;

static int give_back(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

/* Labels of 61 and 63 octets: four of them, and dots, make the longest name. */
#define L61 "a123456789a123456789a123456789a123456789a123456789a123456789a"
#define L63 L61 "12"

static const struct {
	const char *name;
	const char *canonical; /* NULL: not a domain name */
} names[] = {
	{ "Acme.Example", "acme.example" },
	{ "acme.example.", "acme.example" },
	{ ".", "" },
	{ "a..b", NULL },
	{ ".a", NULL },
	{ "a\\032b.example", "a\\032b.example" },
	{ "a1234567890123456789012345678901234567890123456789012345678901234.x", NULL },
	{ L63 ".x", L63 ".x" },
	{ L63 "1.x", NULL },
	{ L63 "." L63 "." L63 "." L61, L63 "." L63 "." L63 "." L61 },
	{ L63 "." L63 "." L63 "." L61 "1", NULL },
	{ "s1._domainkey.acme-2.example", "s1._domainkey.acme-2.example" },
	{ "a.", "a" },
	{ "", "" },
};

static void names_have_one_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(names); i++) {
		const char *canonical = NULL;
		bool good = dns_message_name(&arena, names[i].name, &canonical);

		if (good != (names[i].canonical != NULL))
			fail_msg("%s", names[i].name);
		if (good)
			assert_string_equal(canonical, names[i].canonical);
	}
}

static void raw_octets_mean_themselves(void **state)
{
	const char *canonical = NULL;

	(void)state;
	assert_true(dns_message_raw_name(&arena, "a b%\\c.Example", &canonical));
	assert_string_equal(canonical, "a\\032b%\\\\c.example");
	assert_false(dns_message_raw_name(&arena, "a..b", &canonical));
}

static void a_question_has_edns_and_the_right_bits(void **state)
{
	static const uint8_t expected[] = "\x12\x34\x01\x20\0\1\0\0\0\0\0\1"
					  "\4acme\7example\0\0\x10\0\1"
					  "\0\0\x29\x04\xd0\0\0\0\0\0";
	uint8_t message[512];
	size_t size = 0;

	(void)state;
	assert_true(dns_message_build("acme.example", DNS_TXT, 0x1234, true, message, &size));
	assert_int_equal(size, sizeof(expected)); /* the last length octet is the literal's NUL */
	assert_memory_equal(message, expected, size);
	assert_true(dns_message_build("acme.example", DNS_TXT, 0x1234, false, message, &size));
	assert_int_equal(message[2] & 1, 0);
	assert_false(dns_message_build("a..b", DNS_TXT, 1, true, message, &size));
}

/* Messages, without the question's id: header counts, then what follows. */
#define HEAD(flags, answers, authority) "\0\1" flags "\0\1" answers authority "\0\0"
#define QUESTION                        "\4acme\7example\0\0\x10\0\1"
#define TXT(ttl, text)                  "\xc0\x0c\0\x10\0\1" ttl text

static void read_it(const void *bytes, size_t size, struct dns_answer *answer)
{
	dns_message_read(&arena, bytes, size, "acme.example", DNS_TXT, answer);
}

static void txt_strings_are_joined(void **state)
{
	static const char bytes[] = HEAD("\x84\x20", "\0\2", "\0\0")
		QUESTION TXT("\0\0\1\x2c", "\0\7\3abc\2de") TXT("\0\0\0\x3c", "\0\1\0");
	struct dns_answer answer;

	(void)state;
	read_it(bytes, sizeof(bytes) - 1, &answer);
	assert_int_equal(answer.outcome, DNS_FOUND);
	assert_int_equal(answer.record_count, 2);
	assert_string_equal(answer.records[0].text, "abcde");
	assert_int_equal(answer.records[0].string_count, 2);
	assert_string_equal(answer.records[1].text, "");
	assert_int_equal(answer.ttl, 60);
	assert_int_equal(answer.longest_ttl, 300);
	assert_true(answer.authoritative);
	assert_true(answer.authentic);
}

static void an_absence_says_how_long_it_is_kept(void **state)
{
	static const char bytes[] = HEAD("\x84\x03", "\0\0", "\0\1") QUESTION
		"\xc0\x0c\0\6\0\1\0\0\x0e\x10\0\x1d\2ns\xc0\x0c\1h\xc0\x0c"
		"\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\x78";
	struct dns_answer answer;

	(void)state;
	read_it(bytes, sizeof(bytes) - 1, &answer);
	assert_int_equal(answer.outcome, DNS_NO_NAME);
	assert_true(answer.has_soa);
	assert_string_equal(answer.zone, "acme.example");
	assert_int_equal(answer.negative_ttl, 120);
	assert_string_equal(dns_message_rcode_word(&answer), "NXDOMAIN");
}

static void a_referral_is_no_absence(void **state)
{
	static const char bytes[] = HEAD("\x80\0", "\0\0", "\0\1") QUESTION
		"\xc0\x0c\0\2\0\1\0\0\0\1\0\5\2ns\xc0\x0c";
	struct dns_answer answer;

	(void)state;
	read_it(bytes, sizeof(bytes) - 1, &answer);
	assert_int_equal(answer.outcome, DNS_REFERRED);
	assert_string_equal(answer.referral, "acme.example");
	assert_false(dns_message_definite(&answer));
}

static void a_chain_is_followed_and_a_circle_is_left(void **state)
{
	static const char chain[] = HEAD("\x84\0", "\0\2", "\0\0") QUESTION
		"\xc0\x0c\0\5\0\1\0\0\0\x0a\0\4\1x\xc0\x0c"
		"\xc0\x2a\0\x10\0\1\0\0\0\x14\0\2\1y";
	static const char circle[] = HEAD("\x84\0", "\0\1", "\0\0") QUESTION
		"\xc0\x0c\0\5\0\1\0\0\0\x0a\0\2\xc0\x0c";
	struct dns_answer answer;

	(void)state;
	read_it(chain, sizeof(chain) - 1, &answer);
	assert_int_equal(answer.outcome, DNS_FOUND);
	assert_int_equal(answer.chain_length, 1);
	assert_string_equal(answer.last_name, "x.acme.example");
	assert_string_equal(answer.records[0].text, "y");
	assert_int_equal(answer.longest_ttl, 20);
	read_it(circle, sizeof(circle) - 1, &answer);
	assert_int_equal(answer.outcome, DNS_NO_DATA);
}

static void what_breaks_off_is_garbled(void **state)
{
	static const char bytes[] = HEAD("\x84\0", "\0\1", "\0\0")
		QUESTION TXT("\0\0\1\x2c", "\0\4\3abc");
	struct dns_answer answer;

	(void)state;
	for (size_t size = 0; size < sizeof(bytes) - 1; size++) {
		read_it(bytes, size, &answer);
		assert_int_equal(answer.outcome, DNS_GARBLED);
		assert_int_equal(answer.record_count, 0);
	}
	read_it(bytes, sizeof(bytes) - 1, &answer);
	assert_int_equal(answer.outcome, DNS_FOUND);
}

static void a_string_longer_than_its_record_is_garbled(void **state)
{
	static const char bytes[] = HEAD("\x84\0", "\0\1", "\0\0")
		QUESTION TXT("\0\0\1\x2c", "\0\4\4abc");
	struct dns_answer answer;

	(void)state;
	read_it(bytes, sizeof(bytes) - 1, &answer);
	assert_int_equal(answer.outcome, DNS_GARBLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_one_form),
		cmocka_unit_test(raw_octets_mean_themselves),
		cmocka_unit_test(a_question_has_edns_and_the_right_bits),
		cmocka_unit_test(txt_strings_are_joined),
		cmocka_unit_test(an_absence_says_how_long_it_is_kept),
		cmocka_unit_test(a_referral_is_no_absence),
		cmocka_unit_test(a_chain_is_followed_and_a_circle_is_left),
		cmocka_unit_test(what_breaks_off_is_garbled),
		cmocka_unit_test(a_string_longer_than_its_record_is_garbled),
	};
	return cmocka_run_group_tests_name("dns_message", tests, NULL, give_back);
}
