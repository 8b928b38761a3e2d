#pragma once

/*
 * spf_memory -- records with which all relay addresses passed before.
 *
 * Thousands of customers publish the same record, word for word.  check_host()
 * is a function of client, domain and sender (RFC 7208 section 4.1), and the
 * latter two enter an evaluation by macros (7), and as what a, mx and ptr mean
 * without a domain-spec (5.3 to 5.5).  Where no text holds a macro and nothing
 * but TXT of named domains was asked for, the texts and the addresses decide
 * alone.  Then the evaluation is not done again: all of them are compared, octet
 * by octet, so that nothing in the memory can grow old.  Only passes are kept:
 * whatever else is found is explained with the domain's own name.
 *
 * Owner:   whoever opened it closes it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/verify/spf_check.h"
#include "core/verify/spf_foresight.h"

enum { SPF_MEMORY_MOST = 512 /* then it begins anew */ };

struct spf_memory;

struct spf_memory *spf_memory_open(void);
void spf_memory_close(struct spf_memory *memory);

/* Did just these clients pass with just these texts?  Then the verdicts say so,
 * and no more than that: result, text and look-ups. */
bool spf_memory_find(const struct spf_memory *memory, const struct spf_foresight *foresight,
                     const struct spf_check_request requests[], size_t count,
                     struct spf_check_verdict verdicts[]);

/* They were evaluated, and all that was asked for is in the foresight.  Kept if
 * the texts decided alone and all passed. */
void spf_memory_keep(struct spf_memory *memory, const struct spf_foresight *foresight,
                     const struct spf_check_request requests[], size_t count,
                     const struct spf_check_verdict verdicts[]);
