#pragma once

/*
 * spf_merge -- put an authorisation into an SPF record that others wrote,
 * without changing anything else they decided (rules.md S1-S25).
 *
 * Pure: looks at texts only.  What the tree of includes costs is spf_price's
 * business, what an address gets is the evaluator's, what else could be done
 * is spf_alternative's.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: ERR_INPUT when a wish is not a term; a record we must not touch is
 *          a result (SPF_MERGE_REFUSED with the reason), not a failure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"

enum spf_merge_outcome { SPF_MERGE_UNCHANGED, SPF_MERGE_MERGED, SPF_MERGE_REFUSED, SPF_MERGES };

enum { SPF_LOOKUP_LIMIT = 10, SPF_MERGE_NOTES = 16 };

/* One TXT record as it was found; it may hold NUL. */
struct spf_text {
	const char *text;
	size_t length;
};

struct spf_merge_wish {
	const struct spf_text
		*records; /* every TXT of the name; those that are not SPF are ignored */
	size_t record_count;
	const char *const *terms; /* "include:_spf.vendor.example", "ip4:192.0.2.1" */
	size_t term_count;
	const char *const *relays; /* addresses that shall pass, for S19 and S20; may be none */
	size_t relay_count;
	bool fails_today; /* it was tried: not all relays pass, whatever the text seems to say */
	bool sends_now;   /* confirmed: a domain that said "v=spf1 -all" sends from now on */
};

struct spf_merge {
	enum spf_merge_outcome outcome;
	const char *record;   /* what shall stand there; of a refusal: what stands there */
	const char *present;  /* the (first) record that stands there; NULL: none */
	const char *would_be; /* of a refusal for its price: what was not good enough; NULL */
	const char *reason;   /* of a refusal; NULL */
	const char *changes[SPF_MERGE_NOTES];
	size_t change_count;
	const char *warnings[SPF_MERGE_NOTES];
	size_t warning_count;
	size_t spf_count; /* how many SPF records were found */
	size_t lookups;   /* that the record itself names (its includes' own: spf_price) */
};

bool spf_merge(struct arena *arena, const struct spf_merge_wish *wish, struct spf_merge *merge,
               struct err *err) CHECKED;

/* A refusal that is found out later: the record costs too much, or a trial
 * disproves it. */
void spf_merge_refuse(struct spf_merge *merge, const char *reason);

/* One more sentence, unless it was said. */
void spf_merge_warn(struct spf_merge *merge, const char *sentence);

/* "unchanged", "merged", "refused" */
const char *spf_merge_word(enum spf_merge_outcome outcome);
