#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/manifest.h"
#include "keys/peer.h"

#define UUID "c6aa2db8-ba7f-44db-860f-ebbdf23ee42c"

static int file_of(const char *text, size_t size)
{
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fflush(file), 0);
	fd = dup(fileno(file));
	(void)fclose(file);
	return fd;
}

/* ---- what may stand in a manifest ---- */

static void good_lines_are_read(void **state)
{
	static const char text[] =
		"key\t" UUID "\tkeys/acme.example/s202611a.pem\tpem\tsigner\t0600\n"
		"smarthost\t" UUID "\tpostfix/sasl_passwd\tline\troot\t0640\t@acme.example\\tu:\n"
		"text\t-\tpostfix/sasl_passwd\tline\troot\t0640\ta\ttab \\\\ and\\n\n";
	struct err err = { 0 };
	struct manifest manifest = { 0 };
	struct manifest_line *line = calloc(1, sizeof *line);
	uint32_t entries = 0;
	uint8_t digest[32];
	bool end = false;
	int fd = file_of(text, sizeof text - 1);

	(void)state;
	assert_true(manifest_count(fd, &entries, digest, &err));
	assert_int_equal(entries, 3);
	assert_true(manifest_open(&manifest, fd, &err));
	assert_true(manifest_next(&manifest, line, &end, &err) && !end);
	assert_int_equal(line->entry.kind, BUNDLE_KEY);
	assert_int_equal(line->entry.owner, BUNDLE_SIGNER);
	assert_int_equal(line->entry.mode, 0600);
	assert_true(manifest_next(&manifest, line, &end, &err) && !end);
	assert_string_equal(line->entry.prefix, "@acme.example\tu:");
	assert_true(manifest_next(&manifest, line, &end, &err) && !end);
	assert_string_equal(line->entry.prefix, "a\ttab \\ and\n");
	assert_true(manifest_next(&manifest, line, &end, &err) && end);
	manifest_drop(&manifest);
	free(line);
	(void)close(fd);
}

static void bad_lines_are_refused_with_their_number(void **state)
{
#define KEY(path, format, owner, mode) "key\t" UUID "\t" path "\t" format "\t" owner "\t" mode "\n"
	static const char *const cases[] = {
		"nonsense\n",
		"key\t" UUID "\tx.pem\tpem\tsigner\n",
		"thing\t" UUID "\tx.pem\tpem\tsigner\t0600\n",
		"key\tno-uuid\tx.pem\tpem\tsigner\t0600\n",
		KEY("/etc/shadow", "pem", "signer", "0600"),
		KEY("../x", "pem", "signer", "0600"),
		KEY("a/../../x", "pem", "signer", "0600"),
		KEY("x.pem", "der", "signer", "0600"),
		KEY("x.pem", "line", "signer", "0600"),
		KEY("x.pem", "raw", "signer", "0600"),
		KEY("x.pem", "pem", "nobody", "0600"),
		KEY("x.pem", "pem", "signer", "0644"),
		KEY("x.pem", "pem", "signer", "4755"),
		"smarthost\t" UUID "\tx\tpem\troot\t0600\n",
		"text\t-\tx\traw\troot\t0600\tt\n",
		"text\t-\tx\tline\troot\t0600\tbad \\x escape\n",
		KEY("x.pem", "pem", "signer", "0600") "key\t" UUID "\tx.pem\tpem\tsigner\t0600",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err err = { 0 };
		uint32_t entries = 0;
		uint8_t digest[32];
		int fd = file_of(cases[i], strlen(cases[i]));
		if (manifest_count(fd, &entries, digest, &err))
			fail_msg("accepted: %s", cases[i]);
		assert_int_equal(err.code, ERR_INPUT);
		assert_non_null(strstr(err.text, i + 1 < LENGTH(cases) ? "line 1" : "line 2"));
		(void)close(fd);
	}
}

static void a_nul_and_a_pipe_are_refused(void **state)
{
	static const char text[] = "key\t" UUID "\tx\0y\tpem\tsigner\t0600\n";
	struct err err = { 0 };
	uint32_t entries = 0;
	uint8_t digest[32];
	int ends[2];
	int fd = file_of(text, sizeof text - 1);

	(void)state;
	assert_false(manifest_count(fd, &entries, digest, &err));
	(void)close(fd);
	assert_int_equal(pipe(ends), 0);
	assert_false(manifest_count(ends[0], &entries, digest, &err));
	(void)close(ends[0]);
	(void)close(ends[1]);
}

/* ---- who may ask ---- */

static struct peers *peers_of(const char *text, struct err *err)
{
	char path[] = "/tmp/peers.XXXXXX";
	struct peers *peers = calloc(1, sizeof *peers);
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	bool ok = peers_read(peers, path, err);
	(void)unlink(path);
	if (ok)
		return peers;
	peers_drop(peers);
	free(peers);
	return NULL;
}

static void a_peer_may_what_his_line_says_and_no_more(void **state)
{
	struct err err = { 0 };
	struct peers *peers = peers_of("# who\n"
	                               "user 4711 generate,bundle lms,hr  # the managers\n"
	                               "group 4712 * *\n",
	                               &err);
	const struct peer manager = { .uid = 4711, .gid = 4711 };
	const struct peer member = {
		.uid = 4713,
		.gid = 4713,
		.groups = { 9, 4712 },
		.group_count = 2,
	};
	const struct peer stranger = { .uid = 4714, .gid = 4714 };

	(void)state;
	assert_non_null(peers);
	assert_true(peer_known(peers, &manager) && peer_known(peers, &member));
	assert_false(peer_known(peers, &stranger));
	assert_true(peer_may(peers, &manager, "generate", "lms"));
	assert_true(peer_may(peers, &manager, "bundle", "hr"));
	assert_false(peer_may(peers, &manager, "generate", "h"));
	assert_false(peer_may(peers, &manager, "generate", "lms2"));
	assert_false(peer_may(peers, &manager, "gen", "lms"));
	assert_false(peer_may(peers, &manager, "relay-enrol", "lms"));
	assert_true(peer_may(peers, &member, "relay-enrol", "other"));
	assert_false(peer_may(peers, &stranger, "status", NULL));
	peers_drop(peers);
	free(peers);
}

static void a_peers_file_with_a_fault_is_refused(void **state)
{
	static const char *const cases[] = { "user\n", "user 1 *\n", "user 1 * * more\n",
		                             "users 1 * *\n", "user nobody-of-that-name * *\n" };

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err err = { 0 };
		assert_null(peers_of(cases[i], &err));
		assert_int_equal(err.code, ERR_INPUT);
		assert_non_null(strstr(err.text, ":1:"));
	}
}

static void the_kernel_says_who_it_is(void **state)
{
	struct err err = { 0 };
	struct peer peer;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_true(peer_look(pair[0], &peer, &err));
	assert_int_equal(peer.uid, geteuid());
	assert_true(strlen(peer.name) > 0);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_lines_are_read),
		cmocka_unit_test(bad_lines_are_refused_with_their_number),
		cmocka_unit_test(a_nul_and_a_pipe_are_refused),
		cmocka_unit_test(a_peer_may_what_his_line_says_and_no_more),
		cmocka_unit_test(a_peers_file_with_a_fault_is_refused),
		cmocka_unit_test(the_kernel_says_who_it_is),
	};

	return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
