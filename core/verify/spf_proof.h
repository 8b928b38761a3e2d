#pragma once

/*
 * spf_proof -- does a changed SPF record do what was wanted, and nothing else?
 *
 * What stands there and what shall are evaluated for our relays and for a sample
 * of addresses where a change would show (spf_sample).  Ours must pass now.  So
 * may whoever the added terms let pass by themselves: that is what was added.
 * For all others the result must be what it was.
 *
 * A step of inquiry.h.
 *
 * Owner:   rows live in the inquiry.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/verify/inquiry.h"
#include "core/verify/spf_worker.h"

struct spf_proof_row {
	const char *address;
	bool ours;
	bool added; /* passes by what was added, and did not before */
	enum spf_result before;
	enum spf_result after;
	bool good;
	bool unsure; /* an evaluation could not be finished: proves nothing */
};

struct spf_proof {
	const char *domain;        /* canonical */
	const char *const *before; /* the SPF records that stand there; several are a permerror */
	size_t before_count;
	const char *after;
	const char *const *terms; /* what was added */
	size_t term_count;
	const char *const *relays;
	size_t relay_count;
	struct spf_worker *worker;

	struct spf_proof_row *rows; /* relays first */
	size_t row_count;
	size_t bad;
	size_t unsure;
	size_t ours_unsure; /* of these, how many are relays */
	bool cut;           /* the records speak about more addresses than were tried */
	struct spf_proof_work *work;
};

/* The context is a struct spf_proof. */
bool spf_proof_step(struct inquiry *inquiry, void *context);
