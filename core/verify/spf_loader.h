#pragma once

/*
 * spf_loader -- the SPF record of a domain: asked for, chosen, parsed, compiled.
 *
 * Owner:   the compiled record is the caller's, also after a failure.
 * Failure: SPF_E_NOT_SPF when there is none, SPF_E_DNS_ERROR, SPF_E_SYNTAX; why
 *          is the evaluation's problem.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/verify/spf_guard.h"

/* `parent` is the step that wants it; `base`: its result is the result. */
SPF_errcode_t spf_loader_run(struct spf_guard *guard, const char *domain, size_t parent,
                             unsigned depth, bool base, SPF_record_t **compiled);
