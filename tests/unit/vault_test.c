#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/bytes.h"
#include "keys/master_key.h"
#include "keys/secret_file.h"
#include "keys/vault.h"

static char folder[64];

static const char *path(const char *name)
{
	static char text[128];

	(void)snprintf(text, sizeof text, "%s/%s", folder, name);
	return text;
}

static bool is_locked(const char *name)
{
	struct err err = { 0 };
	struct secret file = { 0 };
	struct master_key_head head = { .locked = false };

	assert_true(secret_file_read(path(name), MASTER_KEY_FILE, &file, &err));
	assert_true(master_key_look(&file, name, &head, &err));
	secret_drop(&file);
	return head.locked;
}

static void a_raw_file_is_read_back_as_it_was(void **state)
{
	struct err err = { 0 };
	struct master_key made = { 0 };
	struct master_key read = { 0 };
	struct stat is;

	(void)state;
	assert_true(master_key_make(&made, &err));
	assert_true(master_key_write(&made, path("raw"), NULL, &err));
	assert_int_equal(stat(path("raw"), &is), 0);
	assert_int_equal(is.st_mode & 07777, 0400);
	assert_false(is_locked("raw"));
	assert_true(master_key_read(&read, path("raw"), NULL, &err));
	assert_true(secret_same(&made.key, &read.key));
	assert_true(uuid_same(&made.id, &read.id));
	/* a second one never takes its place */
	assert_false(master_key_write(&made, path("raw"), NULL, &err));
	assert_int_equal(err.code, ERR_CONFLICT);
	master_key_drop(&made);
	master_key_drop(&read);
}

static void refused(const char *name, enum err_code code)
{
	struct err err = { 0 };
	struct master_key read = { 0 };

	assert_false(master_key_read(&read, path(name), NULL, &err));
	assert_int_equal(err.code, code);
	assert_null(read.key.bytes);
}

static void links_wide_modes_and_other_things_are_refused(void **state)
{
	(void)state;
	assert_int_equal(symlink("raw", path("link")), 0);
	refused("link", ERR_REFUSED);
	assert_int_equal(chmod(path("raw"), 0440), 0);
	refused("raw", ERR_REFUSED);
	assert_int_equal(chmod(path("raw"), 0400), 0);
	assert_int_equal(mkfifo(path("pipe"), 0400), 0);
	refused("pipe", ERR_REFUSED);
	refused("nothing", ERR_NOT_FOUND);
}

/* A copy of the file with one byte changed, or cut. */
static void write_changed(const char *name, const struct secret *file, size_t at, size_t size)
{
	struct err err = { 0 };
	struct secret copy = { 0 };

	assert_true(secret_copy(&copy, file->bytes, size, &err));
	if (at < size)
		copy.bytes[at] ^= 1;
	(void)unlink(path(name));
	assert_true(secret_file_write(path(name), 0400, &copy, &err));
	secret_drop(&copy);
}

static void a_damaged_file_is_refused_wherever_it_is(void **state)
{
	struct err err = { 0 };
	struct secret file = { 0 };

	(void)state;
	assert_true(secret_file_read(path("raw"), 4096, &file, &err));
	for (size_t at = 0; at < file.size; at++) {
		write_changed("bad", &file, at, file.size);
		refused("bad", ERR_CRYPTO);
	}
	write_changed("bad", &file, file.size, file.size - 1);
	refused("bad", ERR_CRYPTO);
	secret_drop(&file);
}

static void a_passphrase_opens_its_file_and_no_other_does(void **state)
{
	struct err err = { 0 };
	struct master_key made = { 0 };
	struct master_key read = { 0 };
	struct secret right = { 0 };
	struct secret wrong = { 0 };

	(void)state;
	assert_true(secret_copy(&right, "correct horse", 13, &err));
	assert_true(secret_copy(&wrong, "correct house", 13, &err));
	assert_true(master_key_make(&made, &err));
	assert_true(master_key_write(&made, path("locked"), &right, &err));
	assert_true(is_locked("locked"));
	refused("locked", ERR_REFUSED);
	assert_false(master_key_read(&read, path("locked"), &wrong, &err));
	assert_int_equal(err.code, ERR_CRYPTO);
	assert_true(master_key_read(&read, path("locked"), &right, &err));
	assert_true(secret_same(&made.key, &read.key));
	master_key_drop(&made);
	master_key_drop(&read);
	secret_drop(&right);
	secret_drop(&wrong);
}

static void a_file_that_is_cheap_to_guess_or_dear_to_open_is_refused(void **state)
{
	enum { PASSES = 52, MEMORY = 56 };
	static const struct {
		size_t at;
		uint64_t value;
		bool wide;
	} cases[] = {
		{ PASSES, 1, false },
		{ PASSES, 1000000, false },
		{ MEMORY, 1 << 20, true },
		{ MEMORY, 1ULL << 36, true },
	};
	struct err err = { 0 };
	struct secret file = { 0 };
	struct secret passphrase = { 0 };
	struct master_key read = { 0 };

	(void)state;
	assert_true(secret_copy(&passphrase, "correct horse", 13, &err));
	assert_true(secret_file_read(path("locked"), 4096, &file, &err));
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct secret copy = { 0 };
		assert_true(secret_copy(&copy, file.bytes, file.size, &err));
		if (cases[i].wide)
			bytes_put_u64(copy.bytes + cases[i].at, cases[i].value);
		else
			bytes_put_u32(copy.bytes + cases[i].at, (uint32_t)cases[i].value);
		(void)unlink(path("limits"));
		assert_true(secret_file_write(path("limits"), 0400, &copy, &err));
		assert_false(master_key_read(&read, path("limits"), &passphrase, &err));
		assert_int_equal(err.code, ERR_REFUSED);
		secret_drop(&copy);
	}
	secret_drop(&file);
	secret_drop(&passphrase);
}

static void the_vault_opens_only_what_its_row_says(void **state)
{
	struct err err = { 0 };
	struct arena arena = { 0 };
	struct master_key master = { 0 };
	struct vault vault = { 0 };
	struct vault_kek kek;
	struct sealed sealed;
	struct secret pkcs8 = { 0 };
	struct secret opened = { 0 };
	const struct uuid provider = uuid_make();
	struct vault_key name = { .provider = provider,
		                  .client = uuid_make(),
		                  .domain = "acme.example",
		                  .selector = "s202611a",
		                  .kind = KEYPAIR_RSA,
		                  .key = uuid_make(),
		                  .version = 1,
		                  .public_key = (const unsigned char *)"public",
		                  .public_size = 6 };

	(void)state;
	assert_true(master_key_make(&master, &err) && vault_open(&vault, &master, &err));
	assert_null(master.key.bytes);
	assert_true(vault_make_kek(&vault, &provider, "provider", &arena, &kek, &err));
	assert_int_equal(kek.sealed.size, 132);
	assert_true(secret_random(&pkcs8, 1218, &err));
	assert_true(vault_seal_key(&vault, &kek, &name, &pkcs8, &arena, &sealed, &err));
	assert_int_equal(sealed.size, 1318);
	assert_true(vault_open_key(&vault, &kek, &name, &sealed, &opened, &err));
	assert_true(secret_same(&pkcs8, &opened));
	secret_drop(&opened);

	struct vault_key other = name;
	other.domain = "acme.test";
	assert_false(vault_open_key(&vault, &kek, &other, &sealed, &opened, &err));
	struct vault_kek moved = kek;
	moved.provider = uuid_make();
	assert_false(vault_open_key(&vault, &moved, &name, &sealed, &opened, &err));
	moved = kek;
	moved.kind = "pool";
	assert_false(vault_open_key(&vault, &moved, &name, &sealed, &opened, &err));
	moved = kek;
	moved.master_version = 2;
	assert_false(vault_open_key(&vault, &moved, &name, &sealed, &opened, &err));
	assert_null(opened.bytes);
	secret_drop(&pkcs8);
	vault_close(&vault);
	arena_reset(&arena);
}

static void a_relay_that_was_written_into_the_table_is_found_out(void **state)
{
	struct err err = { 0 };
	struct master_key master = { 0 };
	struct vault vault = { 0 };
	struct vault_relay relay = { .provider = uuid_make(), .relay = uuid_make(), .version = 1 };
	uint8_t mac[VAULT_MAC];

	(void)state;
	assert_true(master_key_make(&master, &err) && vault_open(&vault, &master, &err));
	vault_mac_relay(&vault, &relay, mac);
	assert_true(vault_check_relay(&vault, &relay, mac, sizeof mac, &err));
	relay.public_key[5] ^= 1;
	assert_false(vault_check_relay(&vault, &relay, mac, sizeof mac, &err));
	relay.public_key[5] ^= 1;
	relay.version = 2;
	assert_false(vault_check_relay(&vault, &relay, mac, sizeof mac, &err));
	vault_close(&vault);
}

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/master.XXXXXX");
	return mkdtemp(folder) != NULL && secret_setup(&err) ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const names[] = { "raw", "link", "pipe", "bad", "locked", "limits" };

	(void)state;
	for (size_t i = 0; i < LENGTH(names); i++)
		(void)unlink(path(names[i]));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_raw_file_is_read_back_as_it_was),
		cmocka_unit_test(links_wide_modes_and_other_things_are_refused),
		cmocka_unit_test(a_damaged_file_is_refused_wherever_it_is),
		cmocka_unit_test(a_passphrase_opens_its_file_and_no_other_does),
		cmocka_unit_test(a_file_that_is_cheap_to_guess_or_dear_to_open_is_refused),
		cmocka_unit_test(the_vault_opens_only_what_its_row_says),
		cmocka_unit_test(a_relay_that_was_written_into_the_table_is_found_out),
	};

	return cmocka_run_group_tests_name("vault", tests, setup, teardown);
}
