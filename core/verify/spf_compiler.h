#pragma once

/*
 * spf_compiler -- a record in the form that libspf2 walks, in words of ours.
 *
 * It gets what it needs to give the right answer, which is less than all of
 * the record: address ranges that don't hold the client decide nothing,
 * nothing is looked at after a range that does or after "all", and an eleventh
 * look-up is already an error.  So its limit of 255 mechanisms is never met.
 *
 * Owner:   the compiled record is the caller's, before and after.
 * Failure: false when libspf2 has no memory or refuses a term.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/verify/spf_guard.h"

/* Compile the record of this number. */
bool spf_compiler_run(struct spf_guard *guard, size_t number, SPF_record_t *compiled) CHECKED;
