#pragma once

/*
 * return_check -- can a domain receive mail at all?  Whoever answers one of our
 * mails, and every server that has to say that one did not arrive, needs it to.
 *
 * Owner: texts live in the inquiry.
 */

#include <stdbool.h>

#include "core/verify/inquiry.h"
#include "core/verify/verdict.h"

/* False: call again. */
bool return_check(struct inquiry *inquiry, struct verdict *verdict);
