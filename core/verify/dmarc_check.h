#pragma once

/*
 * dmarc_check -- does a DMARC policy hold for a domain (RFC 9989 4.10)?
 *
 * The domain's own record, else the first one found walking up the tree.
 */

#include "core/verify/inquiry.h"
#include "core/verify/verdict.h"

/* False: call again. */
bool dmarc_check(struct inquiry *inquiry, struct verdict *verdict);
