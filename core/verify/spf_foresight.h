#pragma once

/*
 * spf_foresight -- ask for what an evaluation of SPF is going to ask, before it
 * starts: the records that a record includes, as far as its text shows them.
 *
 * An evaluation that misses an answer begins again when it is there.  With the
 * records at hand it is begun once.
 *
 * Owner:   names and answers live in the inquiry.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/verify/inquiry.h"

/* More records than an evaluation may load. */
enum { SPF_FORESIGHT_MOST = 12 };

/* The names whose TXT it is going to ask for, first the domain itself, and what
 * stands there. */
struct spf_foresight {
	const char *names[SPF_FORESIGHT_MOST];
	const struct dns_answer *answers[SPF_FORESIGHT_MOST];
	size_t count;
};

/* False: not all is known yet, call again. */
bool spf_foresight(struct inquiry *inquiry, const char *domain, const struct dns_answer *answer,
                   struct spf_foresight *foresight);
