#pragma once

/*
 * spf_exchange -- the values that spf_worker and spf_evaluator exchange, as their
 * packets hold them: each is written and read here, one beneath the other.
 *
 * Owner:   what is read lives in the arena.
 * Failure: the packet's `bad`.
 */

#include "core/base/arena.h"
#include "core/verify/spf_check.h"
#include "core/verify/spf_packet.h"

void spf_exchange_put_request(struct spf_packet *packet, const struct spf_check_request *request);
void spf_exchange_get_request(struct spf_packet *packet, struct arena *arena,
                              struct spf_check_request *request);

/* NULL is a value: not known yet. */
void spf_exchange_put_answer(struct spf_packet *packet, const struct dns_answer *answer);
const struct dns_answer *spf_exchange_get_answer(struct spf_packet *packet, struct arena *arena);

void spf_exchange_put_verdict(struct spf_packet *packet, const struct spf_check_verdict *verdict);
void spf_exchange_get_verdict(struct spf_packet *packet, struct arena *arena,
                              struct spf_check_verdict *verdict);

/* A number that is no result reads as SPF_UNKNOWN. */
enum spf_result spf_exchange_get_result(struct spf_packet *packet);
