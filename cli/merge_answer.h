#pragma once

/*
 * merge_answer -- what `spf merge` says: to people line by line, to programs as
 * one document.
 *
 * Owner:   everything is borrowed.
 */

#include "cli/session.h"
#include "core/plan/ask.h"
#include "core/plan/spf_alternative.h"
#include "core/verify/spf_proof.h"

struct merge_answer {
	const struct ask_answer *texts; /* every TXT of the name */
	const struct spf_merge *merge;
	const struct spf_limit *limit;
	const struct spf_alternatives *advice;
	const struct spf_proof *proof;
	bool tried;     /* the proof was made */
	bool homeless;  /* terms of it lead to the domain, and nobody named it */
	bool show_rows; /* every address of it */
};

/* Says it, and sets the exit status. */
void merge_answer_say(struct session *session, const struct merge_answer *answer);
