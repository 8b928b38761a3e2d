#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keys/vault_escrow.h"

static struct vault vault;
static struct vault other;
static struct arena arena;

static int setup(void **state)
{
	struct master_key master = { .version = 0 };
	struct err err = { 0 };

	(void)state;
	return secret_setup(&err) && master_key_make(&master, &err)
	                       && vault_open(&vault, &master, &err)
	                       && master_key_make(&master, &err)
	                       && vault_open(&other, &master, &err)
	               ? 0
	               : 1;
}

static int teardown(void **state)
{
	(void)state;
	vault_close(&vault);
	vault_close(&other);
	arena_reset(&arena);
	return 0;
}

static void nothing_of_an_officer_can_be_changed(void **state)
{
	struct vault_officer good = { .provider = uuid_make(),
		                      .officer = uuid_make(),
		                      .name = "anna",
		                      .public_key = { 1, 2, 3 },
		                      .state = OFFICER_WAITING,
		                      .added_uid = 1000,
		                      .added_at = 1700000000 };
	struct vault_officer bad[8];
	struct err err = { 0 };
	uint8_t mac[VAULT_MAC];

	(void)state;
	vault_escrow_mac_officer(&vault, &good, mac);
	assert_true(vault_escrow_check_officer(&vault, &good, mac, sizeof mac, &err));
	for (size_t i = 0; i < LENGTH(bad); i++)
		bad[i] = good;
	bad[0].provider = uuid_make();
	bad[1].officer = uuid_make();
	bad[2].name = "anne";
	bad[3].public_key[31] ^= 1;
	bad[4].state = OFFICER_CONFIRMED;
	bad[5].state = OFFICER_RETIRED;
	bad[6].added_uid = 1001;
	bad[7].added_at--;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct err refused = { 0 };
		assert_false(
			vault_escrow_check_officer(&vault, &bad[i], mac, sizeof mac, &refused));
		assert_int_equal(refused.code, ERR_CRYPTO);
	}
	assert_false(vault_escrow_check_officer(&other, &good, mac, sizeof mac, &err));
	assert_false(vault_escrow_check_officer(&vault, &good, mac, sizeof mac - 1, &err));
}

static void a_commitment_is_of_one_key_and_ours(void **state)
{
	struct escrow_kek name = { .provider = uuid_make(), .id = uuid_make(), .version = 1 };
	const uint8_t commit[ESCROW_COMMIT] = { 7 };
	uint8_t column[VAULT_ESCROW_COMMIT];
	struct err err = { 0 };

	(void)state;
	vault_escrow_put_commit(&vault, &name, commit, column);
	assert_memory_equal(column, commit, sizeof commit);
	assert_true(vault_escrow_check_commit(&vault, &name, column, sizeof column, &err));
	assert_false(vault_escrow_check_commit(&other, &name, column, sizeof column, &err));
	assert_false(vault_escrow_check_commit(&vault, &name, column, sizeof commit, &err));
	for (size_t i = 0; i < sizeof column; i++) {
		column[i] ^= 1;
		assert_false(vault_escrow_check_commit(&vault, &name, column, sizeof column, &err));
		column[i] ^= 1;
	}
	name.version++;
	assert_false(vault_escrow_check_commit(&vault, &name, column, sizeof column, &err));
}

static void a_key_of_a_request_opens_for_that_request(void **state)
{
	struct vault_request request = { .provider = uuid_make(),
		                         .request = uuid_make(),
		                         .purpose = ESCROW_DRILL };
	struct secret key = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_true(vault_escrow_make_request(&vault, &request, &arena, &err));
	assert_true(vault_escrow_open_request(&vault, &request, &key, &err));
	assert_int_equal(key.size, ESCROW_PUBLIC);
	secret_drop(&key);
	assert_false(vault_escrow_open_request(&other, &request, &key, &err));
	assert_int_equal(err.code, ERR_REFUSED);
	/* a drill's key never opens what was answered to a recovery */
	request.purpose = ESCROW_RECOVER;
	assert_false(vault_escrow_open_request(&vault, &request, &key, &err));
	request.purpose = ESCROW_DRILL;
	request.public_key[0] ^= 1;
	assert_false(vault_escrow_open_request(&vault, &request, &key, &err));
	assert_null(key.bytes);
}

static void a_key_moves_into_another_vault(void **state)
{
	struct uuid provider = uuid_make();
	struct vault_kek kek, moved;
	struct secret key = { 0 };
	struct secret again = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_true(vault_make_kek(&vault, &provider, "provider", &arena, &kek, &err));
	assert_true(vault_take_kek(&vault, &kek, &key, &err));
	assert_false(vault_take_kek(&other, &kek, &again, &err));
	moved = kek;
	assert_true(vault_wrap_kek(&other, &moved, &key, &arena, &err));
	assert_true(uuid_same(&moved.master, &other.master.id));
	assert_true(vault_take_kek(&other, &moved, &again, &err));
	assert_true(secret_same(&key, &again));
	secret_drop(&key);
	secret_drop(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_of_an_officer_can_be_changed),
		cmocka_unit_test(a_commitment_is_of_one_key_and_ours),
		cmocka_unit_test(a_key_of_a_request_opens_for_that_request),
		cmocka_unit_test(a_key_moves_into_another_vault),
	};

	return cmocka_run_group_tests_name("vault_escrow", tests, setup, teardown);
}
