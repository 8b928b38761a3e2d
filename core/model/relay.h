#pragma once

/*
 * relay -- a mail server of a provider: its HELO name, its addresses, what
 * software moves and signs the mail.
 *
 * Failure: as noun; ERR_DENIED unless an operator asks.
 */

#include "core/model/noun.h"

enum relay_field { RELAY_HELO, RELAY_MTA, RELAY_SIGNER, RELAY_ADDRESSES, RELAY_FIELDS };

extern const struct noun relay_noun;

/* IP addresses as a person wrote them -> what is said of RELAY_ADDRESSES. */
bool relay_addresses(struct arena *arena, const char *const items[], size_t count,
                     const char **said, struct err *err) CHECKED;
