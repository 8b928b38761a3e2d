#pragma once

/*
 * consequence -- what it means for senders that something recommended is gone.
 *
 * The loss of a required record withholds its senders, which says enough; the
 * loss of a recommended one withholds nobody, and so somebody must say why it
 * matters.  Pure.
 */

#include "core/model/change.h"

/* A translated sentence; NULL: it was required, or nothing was lost. */
const char *consequence_of(const struct change *change);
