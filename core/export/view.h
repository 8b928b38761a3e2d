#pragma once

/*
 * view -- everything a target may know: one read-only snapshot, sorted, streamed.
 *
 * Rendering asks the view and nobody else.  In life the rows come from the
 * database (view_open), in a golden test from arrays: the renderer can't tell.
 *
 * Owner:   whoever declared it; it borrows the db and its transaction.
 * Memory:  constant.  Domains are asked for by several tables and cost the
 *          database most: the first pass writes them to an unnamed file, the
 *          others read that.
 * Failure: what the source reports.
 * Secrets: none; keys and passwords are named by uuid.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/generation.h"
#include "core/model/serving.h"

/* Where the rows come from; one function per sort of row. */
struct view_source {
	bool (*senders)(void *rows, serving_sender_fn call, void *context, struct err *err);
	bool (*envelopes)(void *rows, serving_sender_fn call, void *context, struct err *err);
	bool (*domains)(void *rows, serving_domain_fn call, void *context, struct err *err);
	bool (*hops)(void *rows, serving_hop_fn call, void *context, struct err *err);
	bool (*keys)(void *rows, serving_key_fn call, void *context, struct err *err);
	bool (*logins)(void *rows, serving_login_fn call, void *context, struct err *err);
};

struct view {
	const struct generation_relay *relay;
	const char *root; /* the relay's folder of generations; no final slash */
	long long number; /* the serial: which generation is being written */
	const struct view_source *source;
	void *rows;
	/* for the source that is a database */
	struct db *db;
	struct serving_scope scope;
	serving_withheld_fn withheld; /* hears who is left out, while senders are streamed */
	void *withheld_context;
	struct view_spool *spool; /* domains that were asked for once */
};

/* Rows from the database, inside the transaction that is open there.  The view
 * must stay where it is until view_close(). */
void view_open(struct view *view, struct db *db, const struct generation_relay *relay,
               bool include_unverified);
void view_close(struct view *view);

bool view_senders(const struct view *view, serving_sender_fn call, void *context,
                  struct err *err) CHECKED;
bool view_envelopes(const struct view *view, serving_sender_fn call, void *context,
                    struct err *err) CHECKED;
bool view_domains(const struct view *view, serving_domain_fn call, void *context,
                  struct err *err) CHECKED;
bool view_hops(const struct view *view, serving_hop_fn call, void *context,
               struct err *err) CHECKED;
bool view_keys(const struct view *view, serving_key_fn call, void *context,
               struct err *err) CHECKED;
bool view_logins(const struct view *view, serving_login_fn call, void *context,
                 struct err *err) CHECKED;
