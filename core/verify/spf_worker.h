#pragma once

/*
 * spf_worker -- evaluates SPF in a process of its own, which can do nothing else.
 *
 * libspf2 reads what strangers publish, and it has crashed on it before.  So it
 * runs in a process (spf_evaluator) that has no file, no network, no database,
 * no key and no memory of ours: only one socket to us, over which it asks for
 * DNS answers and gives its verdict.  A crash or a stall costs one verdict,
 * which becomes SPF_UNKNOWN; the next evaluation gets a fresh process.
 *
 * Owner:   whoever opened it closes it.
 * Failure: opening can fail; an evaluation never does, it gets a result.
 * Safety:  what comes back is read as a stranger's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/verify/inquiry.h"
#include "core/verify/spf_check.h"
#include "core/verify/spf_memory.h"
#include "core/verify/spf_trial.h"

struct spf_worker;

/* Returns when the process is ready; main() has called spf_evaluator_main(). */
bool spf_worker_open(struct spf_worker **worker, struct err *err) CHECKED;

/* As spf_check_run(), in that process. */
void spf_worker_check(struct spf_worker *worker, struct arena *arena,
                      const struct spf_check_request *request,
                      const struct spf_check_source *source, struct spf_check_verdict *verdict);

/* Many clients of one sender. */
struct spf_worker_job {
	const struct spf_check_request *requests;
	size_t count;
	const struct spf_check_source *source;
	const struct spf_foresight *foresight; /* may be NULL */
};

/* The same in one conversation, which is short when all was foreseen.  Returns how
 * many questions were asked beyond that. */
size_t spf_worker_check_all(struct spf_worker *worker, struct arena *arena,
                            const struct spf_worker_job *job, struct spf_check_verdict verdicts[]);

/* Many evaluations of one domain, in few packets; fills the results.  The source
 * is not asked what stands at the domain: the trial says it. */
void spf_worker_try(struct spf_worker *worker, const struct spf_trial *trial,
                    const struct spf_check_source *source, struct spf_trial_try tries[],
                    size_t count);

/* The usual source: what the recursive resolvers say. */
struct spf_check_source spf_worker_source(struct inquiry *inquiry);

/* What passed before, for those who ask it first. */
struct spf_memory *spf_worker_memory(struct spf_worker *worker);

/* How many evaluations died so far; which process is it now (0: none). */
size_t spf_worker_deaths(const struct spf_worker *worker);
pid_t spf_worker_process(const struct spf_worker *worker);

void spf_worker_close(struct spf_worker *worker);
