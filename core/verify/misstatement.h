#pragma once

/*
 * misstatement -- the record can be read, and does not say what was meant: two
 * records, our term behind "all", a policy that is no word.
 *
 * Probes for the table of diagnosis.c: none of them asks anything.
 *
 * Owner: clues live in the inquiry.
 */

#include <stdbool.h>

#include "core/verify/evidence.h"

/* RFC 6376 3.6.2.2: one key at a name; what is not ours goes. */
bool misstatement_several_keys(const struct evidence *evidence, struct evidence_clue *clue);

/* RFC 7208 3.2, RFC 9989 4.10: one record at a name.  Each may be what the
 * customer wants, so none of them is told to go. */
bool misstatement_several_spf(const struct evidence *evidence, struct evidence_clue *clue);
bool misstatement_several_policies(const struct evidence *evidence, struct evidence_clue *clue);

/* SPF: our include behind "all"; with another qualifier than +; not as an include. */
bool misstatement_after_all(const struct evidence *evidence, struct evidence_clue *clue);
bool misstatement_disapproved(const struct evidence *evidence, struct evidence_clue *clue);
bool misstatement_mistyped(const struct evidence *evidence, struct evidence_clue *clue);

/* SPF: not in the grammar, and for certain meant otherwise; in quotes. */
bool misstatement_broken(const struct evidence *evidence, struct evidence_clue *clue);
bool misstatement_wrapped(const struct evidence *evidence, struct evidence_clue *clue);

/* DMARC: p= is none of the three words. */
bool misstatement_policy(const struct evidence *evidence, struct evidence_clue *clue);

/* DMARC: an address in rua= without "mailto:". */
bool misstatement_reports(const struct evidence *evidence, struct evidence_clue *clue);
