#pragma once

/*
 * cmd_check -- look at domains and say what was found: for `check`, and for
 * `report-done`, which begins with the first look.
 */

#include "cli/asking.h"
#include "cli/session.h"
#include "core/base/attr.h"
#include "core/ops/survey.h"

struct cmd_check {
	struct survey *survey;
	struct resolver_settings dns; /* asking_settings(), and what the person said */
	const char *test_to;          /* NULL: no test mail */
	const char *since;            /* for who goes on after an interruption */
	bool lines;                   /* progress without a terminal */
};

/* Look at all of them, store it unless --dry-run, say it.  The JSON of each domain
 * goes to the session's spool, the counts into `answer`.  It may be interrupted:
 * what was looked at then stays, and the status is INTERRUPTED. */
bool cmd_check_all(struct session *session, const struct cmd_check *check, struct tree *answer,
                   struct err *err) CHECKED;
