#pragma once

/*
 * spf_foresight -- ask for what an evaluation of SPF is going to ask, before it
 * starts: the records that a record includes, as far as its text shows them.
 *
 * An evaluation that misses an answer begins again when it is there.  With the
 * records at hand it is begun once.
 *
 * Owner:   nothing is kept.
 */

#include <stdbool.h>

#include "core/verify/inquiry.h"

/* False: not all is known yet, call again. */
bool spf_foresight(struct inquiry *inquiry, const char *domain, const struct dns_answer *answer);
