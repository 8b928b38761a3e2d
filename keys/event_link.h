#pragma once

/*
 * event_link -- the chain over what happened: one link per event, and the
 * seal over the last of them.
 *
 *	first     = SHA-256("senderctl/events/v1\n" || provider uuid as text)
 *	link      = SHA-256(link before || for each field: length u32 BE, bytes)
 *	signature = Ed25519("senderctl/seal/v1\n" || provider uuid as text || "\n"
 *	            || position in decimal || "\n" || link as hex || "\n")
 *
 * A field that is NULL in the database counts as length 2^32-1 without bytes.
 *
 * Failure: ERR_CRYPTO for a signature that does not fit.
 * Secrets: the signing key, when one signs.
 */

#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"

enum { EVENT_LINK = 32, EVENT_SEAL = 64, EVENT_SIGNER = 32 };

/* Columns of an event, in the order in which a link covers them. */
extern const char *const event_link_fields[];
enum { EVENT_LINK_FIELDS = 9 };

/* What the first link of a provider follows. */
void event_link_first(const char *provider_uuid, uint8_t link[static EVENT_LINK]);

/* `link` holds the one before, and becomes this one. */
void event_link_next(const char *const fields[static EVENT_LINK_FIELDS],
                     uint8_t link[static EVENT_LINK]);

/* `secret_key`: 64 bytes, in guarded memory. */
void event_seal_sign(const char *provider_uuid, long long position,
                     const uint8_t link[static EVENT_LINK], const uint8_t *secret_key,
                     uint8_t signature[static EVENT_SEAL]);
bool event_seal_check(const char *provider_uuid, long long position,
                      const uint8_t link[static EVENT_LINK],
                      const uint8_t public_key[static EVENT_SIGNER],
                      const uint8_t signature[static EVENT_SEAL], struct err *err) CHECKED;
