#pragma once

/*
 * verdict -- what we make of one requirement after looking, and of a domain.
 *
 * Owner:   texts live where the check put them: in its inquiry.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/requirement.h"
#include "core/verify/authority.h"
#include "core/verify/inquiry.h"

enum verdict_state {
	VERDICT_MATCH,
	VERDICT_CONFLICT, /* something else is there */
	VERDICT_MISSING,
	VERDICT_UNKNOWN,     /* could not tell; changes nothing */
	VERDICT_MISPLACED,   /* it is there, under a wrong name */
	VERDICT_PROPAGATING, /* it is there; not everybody can see it yet */
	VERDICT_WAIVED,
	VERDICT_STATES,
};

enum { VERDICT_OBSERVATIONS_MOST = 32 };

struct diagnosis; /* core/verify/diagnosis.h */

struct verdict {
	const struct requirement *requirement;
	enum verdict_state state;
	bool required;
	bool told;    /* were it lost, that would be told */
	bool settled; /* all that it rests on is known: the check is over with it */
	const char *expected;
	const char *found;
	const char *explanation;
	const struct diagnosis *diagnosis; /* which mistake was made; NULL: none is known */
	const char *expires;               /* the last day of the certificate that was met; NULL */
	uint32_t negative_ttl; /* how far two looks must lie apart to confirm an absence */
	const struct dns_answer *observations[VERDICT_OBSERVATIONS_MOST];
	size_t observation_count;
	const char **addresses; /* of a server, found by the check for the probe */
	size_t address_count;
	const char *probe; /* details of a conversation, JSON; NULL: there was none */
	/* DKIM: what the wait before signing rests on */
	bool shown_everywhere; /* every authoritative server gives exactly our key */
	bool shown_otherwise;  /* at least one gives something else, or nothing */
	int64_t visible_by;   /* PROPAGATING: when everybody sees it, at the latest; 0: not known */
	uint32_t longest_ttl; /* of what is, or was, at the name, or of its absence */
};

/* "match", "conflict", ... */
const char *verdict_word(enum verdict_state state);

/* Note the answers of the authoritative servers as what the verdict rests on. */
void verdict_observe(struct verdict *verdict, const struct authority *authority);
void verdict_observe_one(struct verdict *verdict, const struct dns_answer *answer);

/* The word for a whole domain: "ok", "missing", "conflict", "unknown", "waived". */
const char *verdict_overall(const struct verdict verdicts[], size_t count);

/* An authority that did not agree on a definite answer: put that into words. */
void verdict_could_not_tell(struct verdict *verdict, const struct authority *authority);

/* Strangers' octets, fit for a database and for a terminal: UTF-8, no controls,
 * not endless. */
const char *verdict_plain(struct arena *arena, const char *text);

/* The name servers differ: one has not heard the news, and caches may hold what
 * it said.  `what` is one sentence, or NULL for the usual one. */
void verdict_split(struct verdict *verdict, struct inquiry *inquiry,
                   const struct authority *authority, const char *what);

/* All that answered show the record; one did not answer, and is named. */
void verdict_others_show(struct verdict *verdict, struct inquiry *inquiry,
                         const struct authority *authority);

/* Published everywhere; this answer of a resolver is an old one. */
void verdict_remembered(struct verdict *verdict, struct inquiry *inquiry,
                        const struct dns_answer *answer);

/* TXT strings, or whatever was found, in one line for people. */
const char *verdict_show_answer(struct arena *arena, const struct dns_answer *answer);
