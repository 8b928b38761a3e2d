#pragma once

/*
 * inquiry -- everything that is asked for one check, each question once.
 *
 * A check is a plain function over what is known.  It asks; what is not known
 * yet comes back as NULL and is noted; the check returns, the noted questions
 * travel, and it is called again from the start, until nothing is missing.  So
 * a check reads like a story, thousands can be under way at once in one thread,
 * and a test can tell an inquiry what the world would have said.
 *
 * Owner:   the inquiry; answers live as long as it does.
 * Failure: none; an answer that could not be had is an answer with an outcome.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/verify/dns_message.h"
#include "core/verify/resolver.h"

struct inquiry;

/* Ask this server (not recursively).  NULL: not known yet. */
const struct dns_answer *inquiry_ask_server(struct inquiry *inquiry, const char *server,
                                            const char *name, int type);

/* Ask the recursive resolver with this number, from 0.  NULL: not known yet. */
const struct dns_answer *inquiry_ask_resolver(struct inquiry *inquiry, size_t number,
                                              const char *name, int type);

/* Ask the recursive resolvers in their order until one says something definite. */
const struct dns_answer *inquiry_ask(struct inquiry *inquiry, const char *name, int type);

size_t inquiry_resolvers(const struct inquiry *inquiry);

/* Shall the recursive resolvers stand in for those responsible for a zone? */
bool inquiry_is_quick(const struct inquiry *inquiry);

/* "ADDR:PORT" of an authoritative server at this address. */
const char *inquiry_authority(struct inquiry *inquiry, const char *address);

/* Memory that lives as long as the inquiry. */
struct arena *inquiry_arena(struct inquiry *inquiry);

/* True: finished.  False: call me again when what I asked for is known. */
typedef bool (*inquiry_step_fn)(struct inquiry *inquiry, void *context);

struct inquiry_job {
	inquiry_step_fn step;
	void *context;
	struct inquiry *inquiry; /* filled here; inquiry_close() when read */
};

/* Checks that are under way together; one begins when another has finished, so
 * that a slow one holds nobody up.  A value of the caller: { .resolver = r }. */
struct inquiry_flow {
	struct resolver *resolver;
	size_t under_way;
	struct inquiry *first_ready; /* they have all they asked for: first come, first served */
	struct inquiry *last_ready;
};

/* The job must stay where it is until it has finished, or the resolver is closed. */
void inquiry_flow_begin(struct inquiry_flow *flow, struct inquiry_job *job);

/* A job that has finished; NULL: none yet, after waiting up to so many milliseconds. */
struct inquiry_job *inquiry_flow_turn(struct inquiry_flow *flow, int milliseconds);

/* Run all jobs, at most `at_once` under way. */
void inquiry_run(struct resolver *resolver, struct inquiry_job jobs[], size_t count,
                 size_t at_once);

/* For tests: an inquiry without a network, and what it knows. */
struct inquiry *inquiry_open(struct resolver *resolver);
void inquiry_know(struct inquiry *inquiry, const char *server, const struct dns_answer *answer,
                  const char *name, int type);
void inquiry_close(struct inquiry *inquiry);
