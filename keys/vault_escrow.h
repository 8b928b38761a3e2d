#pragma once

/*
 * vault_escrow -- what the vault vouches for in the tables of the escrow.
 *
 * Rows are authenticated under "registry-mac": whoever can write to the
 * database makes no officer, confirms none, and exchanges no commitment.
 *
 *	commitment column = commitment 32 || MAC 32
 *
 * Owner:   sealed bytes live in the arena that was passed in.
 * Failure: ERR_CRYPTO, with who may have done it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/escrow.h"
#include "keys/escrow_letter.h"
#include "keys/vault.h"

enum { VAULT_ESCROW_COMMIT = ESCROW_COMMIT + VAULT_MAC };

/* Also in the MAC: for ever. */
enum officer_state { OFFICER_WAITING = 1, OFFICER_CONFIRMED = 2, OFFICER_RETIRED = 3 };

struct vault_officer {
	struct uuid provider;
	struct uuid officer;
	const char *name;
	uint8_t public_key[ESCROW_PUBLIC];
	enum officer_state state;
	uint32_t added_uid;
	uint64_t added_at; /* seconds since 1970 */
};
void vault_escrow_mac_officer(const struct vault *vault, const struct vault_officer *officer,
                              uint8_t mac[static VAULT_MAC]);
bool vault_escrow_check_officer(const struct vault *vault, const struct vault_officer *officer,
                                const unsigned char *mac, size_t size, struct err *err) CHECKED;

/* What the column says of a key, and whether we said it. */
void vault_escrow_put_commit(const struct vault *vault, const struct escrow_kek *name,
                             const uint8_t commit[static ESCROW_COMMIT],
                             uint8_t column[static VAULT_ESCROW_COMMIT]);
bool vault_escrow_check_commit(const struct vault *vault, const struct escrow_kek *name,
                               const unsigned char *column, size_t size, struct err *err) CHECKED;

struct escrow_kek vault_escrow_name(const struct vault_kek *kek);

/* The secret half of a request's key: made, sealed and taken out again. */
struct vault_request {
	struct uuid provider;
	struct uuid request;
	enum escrow_purpose purpose;
	uint8_t public_key[ESCROW_PUBLIC];
	struct uuid master;
	uint32_t master_version;
	struct sealed sealed;
};
bool vault_escrow_make_request(const struct vault *vault, struct vault_request *request,
                               struct arena *arena, struct err *err) CHECKED;
bool vault_escrow_open_request(const struct vault *vault, const struct vault_request *request,
                               struct secret *key, struct err *err) CHECKED;
