#pragma once

/*
 * spf_hook -- what libspf2 asks for, answered.
 *
 * It knows our labels only ("t.0.3.spf"); they are turned back into names here,
 * and what DNS says is turned into labels.
 *
 * Owner:   answers are libspf2's.
 * Failure: an answer, too: TRY_AGAIN ends its evaluation.
 */

#include "core/verify/spf_guard.h"

/* The record that an include or redirect names. */
SPF_errcode_t spf_hook_record(SPF_server_t *server, SPF_request_t *request,
                              SPF_response_t *response, SPF_record_t **recordp);

/* A look-up. */
SPF_dns_rr_t *spf_hook_lookup(SPF_dns_server_t *dns, const char *label, ns_type type, int cache);
