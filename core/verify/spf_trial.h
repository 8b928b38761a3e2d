#pragma once

/*
 * spf_trial -- one domain, several records that might stand there, many
 * addresses: what each gets from each.
 *
 * Runs inside spf_evaluator; everybody else calls spf_worker_try().
 *
 * Owner:   everything lives in the arena that was passed in.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/verify/spf_check.h"

/* What may stand at the domain: these texts; none is possible. */
struct spf_trial_view {
	const char *const *texts;
	size_t count;
};

struct spf_trial {
	const char *domain;    /* canonical */
	const char *mail_from; /* of every evaluation, as are: */
	const char *helo;
	long long now;
	const struct spf_trial_view *views;
	size_t view_count;
};

/* One evaluation of it. */
struct spf_trial_try {
	const char *address;
	size_t view;
	enum spf_result result;
};

/* TXT of the domain, as this view has it. */
const struct dns_answer *spf_trial_answer(struct arena *arena, const struct spf_trial_view *view);

/* A trial that is under way: each question is asked once, each record read once. */
struct spf_trial_run;

/* The trial and the source must outlive it. */
struct spf_trial_run *spf_trial_open(struct arena *arena, const struct spf_trial *trial,
                                     const struct spf_check_source *source);

enum spf_result spf_trial_evaluate(struct spf_trial_run *run, size_t view, const char *address);

void spf_trial_close(struct spf_trial_run *run);
