#pragma once

/*
 * suffix -- the public suffix list: what can be registered, and by whom.
 *
 * Only the RFC 7489 half of DMARC asks it, and the warnings about names under
 * which strangers register.  The one door to libpsl.
 *
 * Failure: none; without a list every name is its own registrable domain.
 */

#include <stdbool.h>

#include "core/base/arena.h"

/* The name is a public suffix itself: co.uk, github.io. */
bool suffix_is_public(const char *name);

/* acme.co.uk for mail.acme.co.uk; the name itself when the list does not help. */
const char *suffix_registrable(struct arena *arena, const char *name);
