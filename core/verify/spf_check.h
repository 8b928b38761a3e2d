#pragma once

/*
 * spf_check -- what a receiver makes of a sender (RFC 7208 check_host).
 *
 * libspf2 evaluates, unmodified, behind a guard: it gets each record as
 * canonical terms, compiled one by one, in which every name is a label of ours
 * ("t.0.3.spf": the target of term 3 of record 0) -- no octet of a stranger's
 * record or answer reaches it, so there is nothing to forge and nothing to
 * overflow.  Its look-up hook turns the labels back.  Before every term stands
 * a marker, exists:m.R.T.spf, which the hook answers itself: so we know at any
 * moment which term is being looked at, and the limits, the trace and the
 * position of the match are ours.  So are grammar, macros, explanations, /0,
 * and redirect= after everything else.
 *
 * Runs inside spf_evaluator; everybody else calls spf_worker.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: a result; SPF_INCOMPLETE when the source does not know an answer yet.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/verify/dns_message.h"

enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
	SPF_INCOMPLETE, /* come back when the answer is there */
	SPF_UNKNOWN,    /* our fault: the evaluation died */
	SPF_RESULTS,
};

enum { SPF_LOOKUPS_MOST = 10, SPF_VOIDS_MOST = 2 };

struct spf_check_request {
	const char *address;   /* of the client */
	const char *mail_from; /* "" is the null reverse-path: postmaster@helo counts */
	const char *helo;
	const char *receiver; /* who asks, for %{r}; may be NULL */
	long long now;        /* for %{t} */
};

/* One term that was looked at. */
struct spf_check_step {
	const char *record; /* the domain whose record it stands in */
	size_t column;
	const char *term;   /* as written */
	const char *target; /* macros expanded; NULL when the term has none */
	const char *note;   /* "2 addresses", "no such name"; "" */
	unsigned depth;     /* how many includes and redirects deep */
	bool matched;
};

struct spf_check_verdict {
	enum spf_result result;
	const char *domain;    /* whose record was asked */
	const char *text;      /* that record; NULL: none was found */
	const char *mechanism; /* the term that decided, as written; NULL: none did */
	const char *record;    /* the domain whose record it stands in */
	size_t column;
	const char *explanation; /* of exp=; NULL when there is none */
	unsigned lookups;
	unsigned voids;
	const char *problem;        /* why it is an error; NULL when it is not */
	const char *problem_record; /* where, when the problem stands in a record */
	size_t problem_column;
	const struct spf_check_step *steps;
	size_t step_count;
};

/* Answers to the evaluation's questions.  NULL: not known yet. */
struct spf_check_source {
	const struct dns_answer *(*ask)(void *context, const char *name, int type);
	void *context;
};

void spf_check_run(struct arena *arena, const struct spf_check_request *request,
                   const struct spf_check_source *source, struct spf_check_verdict *verdict);

/* What evaluations in a row share, so that a record is read once and not once
 * per address.  While it lives, the texts of TXT answers stay where they are
 * and what they are. */
struct spf_check_job;

/* Lives in the arena; NULL when libspf2 has no memory.  `quiet`: the verdicts'
 * steps need no notes. */
struct spf_check_job *spf_check_job_open(struct arena *arena, bool quiet);

/* As spf_check_run(). */
void spf_check_job_run(struct spf_check_job *job, struct arena *arena,
                       const struct spf_check_request *request,
                       const struct spf_check_source *source, struct spf_check_verdict *verdict);

void spf_check_job_close(struct spf_check_job *job);

/* "pass", "permerror", ...; "unknown" for SPF_UNKNOWN. */
const char *spf_check_word(enum spf_result result);
