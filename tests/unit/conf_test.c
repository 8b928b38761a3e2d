#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/conf.h"
#include "core/base/file.h"

static char folder[] = "/tmp/conf_test.XXXXXX";
static char path[64];

static int make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof path, "%s/a.conf", folder);
	(void)unsetenv("SENDERCTL_STATE");
	(void)unsetenv("SENDERCTL_CONFIG");
	(void)setenv("HOME", folder, 1);
	(void)unsetenv("XDG_CONFIG_HOME");
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static void write_conf(const char *text, size_t size)
{
	struct err err = { 0 };

	if (!file_write(path, 0600, text, size, &err))
		fail_msg("%s", err.text);
}

static void every_option_arrives(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf# a comment\r\n"
		"language = de // another\r\n"
		"color = \"never\" /* and\n a third */\n"
		"database { connection = \"host=a,b dbname=${CONF_TEST:-mail}\" }\n"
		"embedded { state = '/var/tmp/x' }\n"
		"keys { socket = ~/keys.socket }\n"
		"dns { resolvers = {127.0.0.1:5353, '[::1]:53',}\n timeout = 0.25\n"
		"      rate = 250\n per_server = 8\n authoritative_port = 5300 }\n"
		"probe { ca_file = /etc/ca.pem }\n"
		"monitor { mail_to = {pm@vendor.example, ops@vendor.example} digest_at = 23:05\n"
		"  mail_from = mail@vendor.example sendmail = /opt/mail lease = 2.5\n"
		"  webhook = \"https://hook.vendor.example/a?b\" prometheus = /srv/a.prom }\n"
		"relay { name = mx1 root = /srv/mail identity = /srv/id signer = /srv/signer }\n";
	struct conf conf;
	struct err err = { 0 };

	(void)state;
	write_conf(text, sizeof text - 1);
	if (!conf_load(path, &conf, &err))
		fail_msg("%s", err.text);
	assert_string_equal(conf.language, "de");
	assert_string_equal(conf.color, "never");
	assert_string_equal(conf.connection, "host=a,b dbname=mail");
	assert_string_equal(conf.state, "/var/tmp/x");
	assert_true(strncmp(conf.keys_socket, folder, strlen(folder)) == 0);
	assert_int_equal(conf.resolver_count, 2);
	assert_string_equal(conf.resolvers[1], "[::1]:53");
	assert_null(conf.resolvers[2]);
	assert_true(conf.dns_timeout > 0.24 && conf.dns_timeout < 0.26);
	assert_true(conf.dns_rate > 249 && conf.dns_rate < 251);
	assert_int_equal(conf.dns_per_server, 8);
	assert_int_equal(conf.authoritative_port, 5300);
	assert_string_equal(conf.ca_file, "/etc/ca.pem");
	assert_int_equal(conf.monitor.mail_to_count, 2);
	assert_string_equal(conf.monitor.mail_to[1], "ops@vendor.example");
	assert_null(conf.monitor.mail_to[2]);
	assert_string_equal(conf.monitor.mail_from, "mail@vendor.example");
	assert_string_equal(conf.monitor.sendmail, "/opt/mail");
	assert_int_equal(conf.monitor.digest_at, 23 * 60 + 5);
	assert_string_equal(conf.monitor.webhook, "https://hook.vendor.example/a?b");
	assert_string_equal(conf.monitor.prometheus, "/srv/a.prom");
	assert_true(conf.monitor.lease > 2.4 && conf.monitor.lease < 2.6);
	assert_string_equal(conf.relay.name, "mx1");
	assert_string_equal(conf.relay.root, "/srv/mail");
	assert_string_equal(conf.relay.signer, "/srv/signer");
	assert_string_equal(conf.file, path);
	conf_drop(&conf);
}

/* Text, line of the complaint, what the complaint says. */
static const struct {
	const char *name;
	const char *text;
	int line;
	const char *says;
} bad[] = {
	{ "unknown", "\nlangauge = de\n", 2,
	  "no such option 'langauge'; did you mean 'language'?" },
	{ "unknown, nothing near", "elephant = 1", 1, "no such option 'elephant'" },
	{ "unknown in a section", "dns {\n\n timeuot = 5 }", 3, "did you mean 'timeout'?" },
	{ "on top, belongs into a section", "timeout = 5", 1, "no such option 'timeout'" },
	{ "unknown section", "dsn { timeout = 5 }", 1, "did you mean 'dns'?" },
	{ "titled section", "dns \"x\" { timeout = 5 }", 1, "no = behind 'dns'" },
	{ "section as option", "dns = 5", 1, "'dns' is a section" },
	{ "option as section", "language { }", 1, "'language' is an option" },
	{ "nested section", "dns { relay { } }", 1, "no such option 'relay'" },
	{ "section never closed", "language = de\ndns {\n timeout = 5\n", 2, "never closed" },
	{ "brace too many", "dns { timeout = 5 }\n}\n", 2, "} without a section" },
	{ "quote never closed", "language = \"de\ncolor = \"auto\"\n", 1,
	  "not closed on this line" },
	{ "quote at the end", "language = \"", 1, "not closed on this line" },
	{ "list never closed", "dns {\nresolvers = { 127.0.0.1,\n", 2,
	  "list opened here is never" },
	{ "comment never closed", "language = de\n/* x\n\n", 2, "never ends" },
	{ "twice", "language = de\nlanguage = en\n", 2, "was set in line 1 already" },
	{ "no rate", "dns { rate = 0 }", 1, "so many a second" },
	{ "nothing at a server", "dns { per_server = 0 }", 1, "between 1 and 10000" },
	{ "half a question", "dns { per_server = 1.5 }", 1, "between 1 and 10000" },
	{ "no number of keys", "keys { pool = \" 5\" }", 1, "from 0 to 10000" },
	{ "fewer keys than none", "keys { pool = -1 }", 1, "from 0 to 10000" },
	{ "octal", "dns { authoritative_port = 0x35 }", 1, "expected a port" },
	{ "large port", "dns { authoritative_port = 65536 }", 1, "expected a port" },
	{ "comma", "dns { timeout = 2,5 }", 1, "expected the name" },
	{ "quoted comma", "dns {\n\n timeout = \"2,5\" }", 3, "expected seconds" },
	{ "nothing", "dns { timeout = \"0\" }", 1, "expected seconds" },
	{ "semicolon", "language = de;\n", 1, "';' stands here" },
	{ "choice", "language = fr", 1, "expected de en" },
	{ "relative path", "keys { socket = run/x }", 1, "an absolute path" },
	{ "empty text", "relay { name = \"\" }", 1, "expected a value" },
	{ "empty path", "relay { root = \"\" }", 1, "an absolute path" },
	{ "no address", "dns { resolvers = { \"name.example\" } }", 1, "expected an address" },
	{ "not a time", "monitor { digest_at = \"7:00\" }", 1, "expected a time of the day" },
	{ "no such hour", "monitor { digest_at = \"24:00\" }", 1, "expected a time of the day" },
	{ "no such minute", "monitor { digest_at = \"12:60\" }", 1, "expected a time of the day" },
	{ "no mail address", "monitor { mail_to = { \"pm\" } }", 1,
	  "expected an address such as mail" },
	{ "an option", "monitor { mail_from = \"-x@y.example\" }", 1,
	  "expected an address such as" },
	{ "two addresses", "monitor { mail_to = { \"a@x.example b@x.example\" } }", 1,
	  "expected an address such as" },
	{ "another scheme", "monitor { webhook = \"file:///etc/passwd\" }", 1, "expected a URL" },
	{ "a blank in a URL", "monitor { webhook = \"https://x.example/ y\" }", 1,
	  "expected a URL" },
	{ "no value", "language =\n", 2, "no value" },
	{ "no equals", "language de\n", 1, "no = behind" },
	{ "variable", "relay { name = \"${CONF_TEST_UNSET}\" }", 1, "no variable CONF_TEST_UNSET" },
	{ "variable, open", "relay { name = \"${CONF\" }", 1, "without a closing brace" },
	{ "escape", "relay { name = \"a\\q\" }", 1, "a backslash stands only before" },
	{ "backslash at the end", "language = de\\", 1, "stands here" },
	{ "latin-1",
	  "# gr\xfc\xdf"
	  "e\n",
	  1, "not UTF-8" },
	{ "overlong", "# \xc0\xaf\n", 1, "not UTF-8" },
	{ "surrogate", "\n# \xed\xa0\x80\n", 2, "not UTF-8" },
	{ "escape sequence", "# \x1b[31m\n", 1, "a control character" },
	{ "include", "include(\"/etc/passwd\")\n", 1, "stands here" },
};

static void each_fault_names_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct conf conf;
		struct err err = { 0 };
		char where[96];

		write_conf(bad[i].text, strlen(bad[i].text));
		if (conf_load(path, &conf, &err))
			fail_msg("%s: accepted", bad[i].name);
		(void)snprintf(where, sizeof where, "%s:%d: error: ", path, bad[i].line);
		if (strncmp(err.text, where, strlen(where)) != 0
		    || strstr(err.text, bad[i].says) == NULL)
			fail_msg("%s: %s", bad[i].name, err.text);
		assert_int_equal(err.code, ERR_INPUT);
	}
}

static void a_nul_is_seen_wherever_it_stands(void **state)
{
	static const char text[] = "language = de\nrelay { name = \"a\0b\" }\n";
	struct conf conf;
	struct err err = { 0 };

	(void)state;
	write_conf(text, sizeof text - 1);
	assert_false(conf_load(path, &conf, &err));
	assert_non_null(strstr(err.text, ":2: error: a NUL byte"));
}

static void a_folder_and_a_missing_file_are_told_apart(void **state)
{
	struct conf conf;
	struct err err = { 0 };

	(void)state;
	assert_false(conf_load(folder, &conf, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_false(conf_load("/nonexistent/x.conf", &conf, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void without_a_file_there_are_defaults(void **state)
{
	struct conf conf;
	struct err err = { 0 };

	(void)state;
	(void)setenv("SENDERCTL_STATE", "/tmp/elsewhere", 1);
	assert_true(conf_load(NULL, &conf, &err));
	assert_string_equal(conf.state, "/tmp/elsewhere");
	assert_true(conf.state_chosen);
	assert_null(conf.connection);
	assert_string_equal(conf.color, "auto");
	assert_int_equal(conf.authoritative_port, 53);
	assert_int_equal(conf.monitor.mail_to_count, 0);
	assert_string_equal(conf.monitor.sendmail, "/usr/sbin/sendmail");
	assert_int_equal(conf.monitor.digest_at, 7 * 60);
	conf_drop(&conf);
	(void)setenv("SENDERCTL_STATE", "relative", 1);
	assert_false(conf_load(NULL, &conf, &err));
	(void)unsetenv("SENDERCTL_STATE");
}

static void an_empty_file_is_fine(void **state)
{
	struct conf conf;
	struct err err = { 0 };

	(void)state;
	write_conf("", 0);
	assert_true(conf_load(path, &conf, &err));
	conf_drop(&conf);
	write_conf("\n# nothing\n", 11);
	assert_true(conf_load(path, &conf, &err));
	conf_drop(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_arrives),
		cmocka_unit_test(each_fault_names_its_line),
		cmocka_unit_test(a_nul_is_seen_wherever_it_stands),
		cmocka_unit_test(a_folder_and_a_missing_file_are_told_apart),
		cmocka_unit_test(without_a_file_there_are_defaults),
		cmocka_unit_test(an_empty_file_is_fine),
	};
	return cmocka_run_group_tests_name("conf", tests, make_folder, remove_folder);
}
