#pragma once

/*
 * login -- the account with which a client's application submits to a relay.
 * Its password is the mail server's business.
 *
 * Failure: as noun.
 */

#include "core/model/noun.h"

extern const struct noun login_noun;
