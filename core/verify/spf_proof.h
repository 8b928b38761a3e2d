#pragma once

/*
 * spf_proof -- does a changed SPF record do what was wanted, and nothing else?
 *
 * Both records are evaluated for our relays and for addresses where a change
 * would show: the first and last of every range of the old record, their
 * neighbours, its a and mx hosts, and a stranger.  Ours must pass now; for all
 * others the result must be what it was.
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
	enum spf_result before;
	enum spf_result after;
	bool good;
	bool unsure; /* an evaluation could not be finished: proves nothing */
};

struct spf_proof {
	const char *domain;
	const char *before; /* the old record; NULL: there is none */
	const char *after;
	const char *const *relays;
	size_t relay_count;
	struct spf_worker *worker;
	struct spf_proof_row *rows;
	size_t row_count;
	size_t bad;
	size_t unsure;
};

/* The context is a struct spf_proof. */
bool spf_proof_step(struct inquiry *inquiry, void *context);
