#pragma once

/*
 * survey -- look at many domains, and keep what was found as it comes.
 *
 * The domains are a list of numbers (survey_list.h).  What is known of them is
 * loaded in small portions, up to SURVEY_AT_ONCE are under way, one begins when
 * another has finished, and what has finished is stored within a second.  So a
 * hundred thousand need no more memory than a few thousand, who waits for a dead
 * server waits alone, and an end at any moment loses only what had not finished.
 *
 * Owner:   the caller's struct, and the arena of its list; survey_close() after the
 *          resolver was closed, because what is under way waits for its answers.
 * Failure: what db reports; what was stored before stays.
 */

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/ops/checkup.h"
#include "core/ops/survey_list.h"
#include "core/verify/resolver.h"
#include "sql/db.h"

enum { SURVEY_AT_ONCE = 1000 };

/* What a look at a domain came to; what is waived is as good as there. */
enum survey_outcome {
	SURVEY_OK,
	SURVEY_PROPAGATING, /* all that is not there is on its way */
	SURVEY_MISSING,
	SURVEY_CONFLICT,
	SURVEY_UNKNOWN,
	SURVEY_OUTCOMES,
};

struct survey_portion;

struct survey {
	struct survey_list list;
	/* so far */
	size_t looked;
	size_t retired; /* since the list was made */
	size_t outcomes[SURVEY_OUTCOMES];
	struct survey_portion *portions; /* under way */
};

struct survey_world {
	struct resolver *resolver;
	struct spf_worker *worker;
	struct domain_probe_settings probing;
	struct db *db;
	bool dry_run;                      /* store nothing */
	const volatile sig_atomic_t *stop; /* not 0: come to an end now; NULL */
	/* Of some items the look is stored: read them, they go afterwards. */
	bool (*kept)(void *context, struct checkup_item *const items[], size_t count,
	             struct err *err);
	/* Called often; NULL. */
	void (*progress)(void *context, const struct survey *survey);
	void *context;
};

/* Look at all of them, or until *stop.  Not inside a transaction. */
bool survey_run(struct survey *survey, const struct survey_world *world, struct err *err) CHECKED;

/* True when survey_run() left some of the list undone. */
bool survey_is_cut(const struct survey *survey);

/* "ok", "propagating", ... */
const char *survey_word(enum survey_outcome outcome);

/* Forget what was under way. */
void survey_close(struct survey *survey);
