#pragma once

/*
 * spf_draft -- an SPF record that is being made out of one that others wrote.
 *
 * What nobody changes stays as it was written, octet by octet: spelling, order,
 * and the spaces between the terms.
 *
 * For spf_merge and the files it is made of.
 *
 * Owner:   everything lives in the arena that was passed in.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/plan/spf_merge.h"
#include "core/record/spf_record.h"

struct spf_piece {
	struct spf_term term;
	size_t gap; /* spaces in front of it */
};

struct spf_draft {
	struct arena *arena;
	struct spf_merge *merge; /* where changes and warnings are noted */
	const char *version;     /* "v=spf1", as written */
	struct spf_piece *pieces;
	size_t count;
	size_t room;
	size_t tail; /* spaces at the end */
	bool changed;
};

enum { SPF_NOWHERE = -1 };

/* Begin with this record. */
void spf_draft_begin(struct spf_draft *draft, const struct spf_record *record);

void spf_draft_insert(struct spf_draft *draft, size_t at, const struct spf_term *term);
void spf_draft_take_out(struct spf_draft *draft, size_t at);

/* Where the first term of this kind stands; SPF_NOWHERE. */
int spf_draft_find(const struct spf_draft *draft, enum spf_kind kind);

/* Where the terms end that receivers look at: at the first "all", else at the end. */
size_t spf_draft_end(const struct spf_draft *draft);

/* S14: before the first "all"; without one behind the last mechanism, and so
 * before the modifiers that a record ends in. */
size_t spf_draft_last_place(const struct spf_draft *draft);

/* Notes for people, each one sentence. */
void spf_draft_note(struct spf_draft *draft, const char *sentence); /* a change */
void spf_draft_warn(struct spf_draft *draft, const char *sentence);
bool spf_draft_refuse(struct spf_draft *draft, const char *sentence); /* false */

const char *spf_draft_render(const struct spf_draft *draft);
