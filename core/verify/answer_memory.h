#pragma once

/*
 * answer_memory -- what recursive resolvers said a moment ago, and who waits
 * for what they will say.
 *
 * Ten thousand domains include the same SPF record and live at the same few
 * hosters: such questions travel once, and their answers are kept for as long
 * as their TTL lets them, half a minute at most.  Timeouts and failures are
 * never kept.
 *
 * Owner:   whoever opened it closes it; questions are borrowed while they wait.
 * Failure: without memory nothing is remembered.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/verify/resolver.h"

enum { ANSWER_MEMORY_SECONDS = 30, ANSWER_MEMORY_MOST = 16384 };

struct answer_memory;

enum answer_memory_state {
	ANSWER_UNKNOWN, /* send it; answer_memory_take() ends the wait of others */
	ANSWER_AWAITED, /* it is under way; done() comes with its answer */
	ANSWER_KNOWN,   /* `bytes` are the message */
};

struct answer_memory *answer_memory_open(void);
void answer_memory_close(struct answer_memory *memory);

/* `now` in milliseconds of clock_ticks(). */
enum answer_memory_state answer_memory_ask(struct answer_memory *memory,
                                           struct resolver_question *question, int64_t now,
                                           const uint8_t **bytes, size_t *size);

/* The answer came, or did not (`bytes` NULL).  Returns those who waited for it,
 * linked by `next`; the one that was sent is not among them. */
struct resolver_question *answer_memory_take(struct answer_memory *memory,
                                             const struct resolver_question *question,
                                             const uint8_t *bytes, size_t size, uint32_t ttl,
                                             int64_t now);
