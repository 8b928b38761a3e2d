#pragma once

/*
 * key_sight -- what authoritative DNS says about one key, right now.
 *
 * Owner:   the explanation lives in the arena that was passed in.
 * Failure: none; a server that could not be asked is neither yes nor no.
 */

#include "core/lifecycle/rotation.h"
#include "core/verify/resolver.h"

void key_sight_look(struct resolver *resolver, struct arena *arena, const struct dkim_key *key,
                    struct rotation_sight *sight);
