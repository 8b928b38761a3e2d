#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "keys/bundle.h"

static char folder[64];
static struct identity relay;
static struct identity other;
static struct secret signer;
static uint8_t signer_public[IDENTITY_SIGN];

static const char *path(const char *name)
{
	static char text[128];

	(void)snprintf(text, sizeof text, "%s/%s", folder, name);
	return text;
}

static struct bundle_head head_of(uint32_t entries)
{
	return (struct bundle_head){ .relay = { { 1 } },
		                     .generation = { { 2 } },
		                     .sequence = 7,
		                     .made = 1000,
		                     .not_after = 2000,
		                     .tree = { 3 },
		                     .entries = entries };
}

static void write_bundle(int fd, const struct identity *to, const struct secret *with,
                         uint32_t entries)
{
	struct err err = { 0 };
	struct bundle_writer writer = { 0 };
	const struct bundle_head head = head_of(entries);
	struct bundle_entry *entry = calloc(1, sizeof *entry);

	assert_true(bundle_write_head(&writer, fd, to->public_key, &head, &err));
	entry->kind = BUNDLE_KEY;
	entry->format = BUNDLE_PEM;
	entry->owner = BUNDLE_SIGNER;
	entry->mode = 0600;
	for (uint32_t i = 0; i < entries; i++) {
		(void)snprintf(entry->path, sizeof entry->path, "keys/d%u.example/s.pem", i);
		assert_true(secret_take(&entry->content, 1218, &err));
		memset(entry->content.bytes, (int)(i & 0xff), 1218);
		assert_true(bundle_write_entry(&writer, entry, &err));
		secret_drop(&entry->content);
	}
	assert_true(bundle_write_end(&writer, with, &err));
	bundle_writer_drop(&writer);
	free(entry);
}

static int new_file(const char *name)
{
	int fd = open(path(name), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static bool count_entry(struct bundle_entry *entry, void *context, struct err *err)
{
	uint32_t *count = context;
	char expected[64];

	(void)err;
	(void)snprintf(expected, sizeof expected, "keys/d%u.example/s.pem", *count);
	assert_string_equal(entry->path, expected);
	assert_int_equal(entry->mode, 0600);
	assert_int_equal(entry->content.size, 1218);
	assert_int_equal(entry->content.bytes[1217], *count & 0xff);
	(*count)++;
	return true;
}

static bool verifies(int fd, const struct identity *as, enum err_code *code)
{
	struct err err = { 0 };
	struct bundle_head head;
	struct bundle_key key = { 0 };
	bool ok = bundle_verify(fd, as, signer_public, &head, &key, &err);

	*code = err.code;
	bundle_key_drop(&key);
	return ok;
}

static void ten_thousand_keys_arrive_in_order(void **state)
{
	struct err err = { 0 };
	struct bundle_head head;
	struct bundle_key key = { 0 };
	uint32_t count = 0;
	int fd = new_file("many");

	(void)state;
	write_bundle(fd, &relay, &signer, 10000);
	assert_true(bundle_verify(fd, &relay, signer_public, &head, &key, &err));
	assert_int_equal(head.sequence, 7);
	assert_int_equal(head.entries, 10000);
	assert_int_equal(head.tree[0], 3);
	assert_true(bundle_deliver(fd, &key, count_entry, &count, &err));
	assert_int_equal(count, 10000);
	bundle_key_drop(&key);
	(void)close(fd);
}

static void every_damage_is_noticed(void **state)
{
	enum { STEP = 13 }; /* every 13th byte: all structures are met */
	enum err_code code;
	struct stat is;
	int fd = new_file("one");

	(void)state;
	write_bundle(fd, &relay, &signer, 2);
	assert_int_equal(fstat(fd, &is), 0);
	assert_true(verifies(fd, &relay, &code));
	for (off_t at = 0; at < is.st_size; at += STEP) {
		unsigned char byte;
		unsigned char changed;
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		changed = byte ^ 0x40;
		assert_int_equal(pwrite(fd, &changed, 1, at), 1);
		if (verifies(fd, &relay, &code))
			fail_msg("byte %ld", (long)at);
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	assert_int_equal(lseek(fd, 0, SEEK_END), is.st_size);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_false(verifies(fd, &relay, &code));
	for (off_t size = is.st_size; size-- > 0; size -= STEP) {
		assert_int_equal(ftruncate(fd, size), 0);
		if (verifies(fd, &relay, &code))
			fail_msg("cut to %ld", (long)size);
	}
	(void)close(fd);
}

/* Anyone can seal to a public key. */
static void a_forged_bundle_is_refused(void **state)
{
	unsigned char public_key[32];
	enum err_code code;
	struct err err = { 0 };
	struct secret stranger = { 0 };
	int fd = new_file("forged");

	(void)state;
	assert_true(secret_take(&stranger, crypto_sign_SECRETKEYBYTES, &err));
	(void)crypto_sign_keypair(public_key, stranger.bytes);
	write_bundle(fd, &relay, &stranger, 1);
	assert_false(verifies(fd, &relay, &code));
	assert_int_equal(code, ERR_CRYPTO);
	secret_drop(&stranger);
	(void)close(fd);
}

static void a_bundle_for_another_relay_is_refused(void **state)
{
	enum err_code code;
	int fd = new_file("foreign");

	(void)state;
	write_bundle(fd, &other, &signer, 1);
	assert_false(verifies(fd, &relay, &code));
	assert_int_equal(code, ERR_REFUSED);
	(void)close(fd);
}

/* Another relay opens its own bundle, and seals the stream key again, to us:
 * the signature names the relay that it was made for. */
static void a_bundle_that_was_sealed_again_is_refused(void **state)
{
	unsigned char box[80];
	unsigned char key[32];
	enum err_code code;
	int fd = new_file("again");

	(void)state;
	write_bundle(fd, &other, &signer, 1);
	assert_int_equal(pread(fd, box, sizeof box, 4), sizeof box);
	assert_int_equal(crypto_box_seal_open(key, box, sizeof box, other.public_key,
	                                      other.box.bytes),
	                 0);
	assert_int_equal(crypto_box_seal(box, key, sizeof key, relay.public_key), 0);
	assert_int_equal(pwrite(fd, box, sizeof box, 4), sizeof box);
	assert_false(verifies(fd, &relay, &code));
	assert_int_equal(code, ERR_CRYPTO);
	(void)close(fd);
}

static bool swallow(struct bundle_entry *entry, void *context, struct err *err)
{
	(void)entry;
	(void)context;
	(void)err;
	return true;
}

/* Verified, and then exchanged for another genuine one before delivery. */
static void what_was_exchanged_after_verifying_does_not_open(void **state)
{
	struct err err = { 0 };
	struct bundle_head head;
	struct bundle_key key = { 0 };
	int fd = new_file("exchanged");

	(void)state;
	write_bundle(fd, &relay, &signer, 1);
	assert_true(bundle_verify(fd, &relay, signer_public, &head, &key, &err));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	write_bundle(fd, &relay, &signer, 1);
	assert_false(bundle_deliver(fd, &key, swallow, NULL, &err));
	bundle_key_drop(&key);
	(void)close(fd);
}

static void paths_stay_inside(void **state)
{
	static const struct {
		const char *path;
		bool ok;
	} cases[] = {
		{ "keys/acme.example/s202611a.pem", true },
		{ "postfix/sasl_passwd", true },
		{ "x", true },
		{ "", false },
		{ "/etc/shadow", false },
		{ "../x", false },
		{ "keys/../../x", false },
		{ "keys//x", false },
		{ "keys/", false },
		{ ".", false },
		{ "keys/.hidden", false },
		{ "a b", false },
		{ "a\nb", false },
		{ "a\x7f", false },
	};
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		if (bundle_path_ok(cases[i].path, &err) != cases[i].ok)
			fail_msg("\"%s\"", cases[i].path);
}

static void an_identity_is_read_back_and_parsed(void **state)
{
	struct err err = { 0 };
	struct identity again = { 0 };
	char text[IDENTITY_TEXT];
	uint8_t parsed[IDENTITY_PUBLIC];
	char fingerprint[IDENTITY_FINGERPRINT];

	(void)state;
	assert_true(identity_read(&again, path("relay.id"), &err));
	assert_memory_equal(again.public_key, relay.public_key, IDENTITY_PUBLIC);
	identity_render(relay.public_key, text);
	assert_true(identity_parse(text, parsed, &err));
	assert_memory_equal(parsed, relay.public_key, IDENTITY_PUBLIC);
	identity_fingerprint(parsed, fingerprint);
	assert_int_equal(strlen(fingerprint), 32);
	assert_false(identity_parse("skr1:AAAA", parsed, &err));
	/* a point that everybody shares a secret with */
	memset(parsed, 0, sizeof parsed);
	identity_render(parsed, text);
	assert_false(identity_parse(text, parsed, &err));
	identity_drop(&again);
}

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/bundle.XXXXXX");
	if (mkdtemp(folder) == NULL || !secret_setup(&err)
	    || !identity_make(&relay, path("relay.id"), &err)
	    || !identity_make(&other, path("other.id"), &err)
	    || !secret_take(&signer, crypto_sign_SECRETKEYBYTES, &err))
		return -1;
	return crypto_sign_keypair(signer_public, signer.bytes);
}

static int teardown(void **state)
{
	static const char *const names[] = { "many",  "one",       "forged",   "foreign",
		                             "again", "exchanged", "relay.id", "other.id" };

	(void)state;
	for (size_t i = 0; i < LENGTH(names); i++)
		(void)unlink(path(names[i]));
	identity_drop(&relay);
	identity_drop(&other);
	secret_drop(&signer);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_thousand_keys_arrive_in_order),
		cmocka_unit_test(every_damage_is_noticed),
		cmocka_unit_test(a_forged_bundle_is_refused),
		cmocka_unit_test(a_bundle_for_another_relay_is_refused),
		cmocka_unit_test(a_bundle_that_was_sealed_again_is_refused),
		cmocka_unit_test(what_was_exchanged_after_verifying_does_not_open),
		cmocka_unit_test(paths_stay_inside),
		cmocka_unit_test(an_identity_is_read_back_and_parsed),
	};

	return cmocka_run_group_tests_name("bundle", tests, setup, teardown);
}
