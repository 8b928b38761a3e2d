#pragma once

/*
 * evidence -- what is known about one record that is not as it should be: what
 * was wanted, what the zone's own servers say at its name, and whom to ask more.
 *
 * Everything more is asked of one authoritative server of the zone that talks,
 * never of a recursive resolver: it would remember that a name does not exist.
 *
 * Owner:   everything lives in the inquiry.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/record/dkim_record.h"
#include "core/verify/domain_check.h"
#include "core/verify/inquiry.h"
#include "core/verify/verdict.h"

/* What kind of record it is about; rows of mistakes name several. */
enum evidence_subject {
	EVIDENCE_KEY = 1 << 0,     /* TXT of a DKIM key */
	EVIDENCE_POINTER = 1 << 1, /* CNAME to our TXT of a DKIM key */
	EVIDENCE_SPF = 1 << 2,     /* of the sender domain or of its MAIL FROM domain */
	EVIDENCE_DMARC = 1 << 3,
	EVIDENCE_MX = 1 << 4,
};

struct evidence {
	struct inquiry *inquiry;
	struct arena *arena;
	const struct facts *facts;
	const struct facts_domain *domain;
	const struct requirement *requirement;
	unsigned subject; /* one of evidence_subject; 0: nothing to be said about it */
	int type;         /* to ask for: DNS_TXT, or DNS_MX */
	const struct dns_answer *answer; /* what stands at the name */
	const char *target;              /* where a CNAME at the name leads; NULL: none */
	const char *zone;                /* that holds the name */
	const char *server;              /* one of the zone's that talks */
	struct dkim_record wanted;       /* KEY and POINTER: the key, */
	const char *wanted_text;         /* its TXT value, */
	const char *key;                 /* and its base64 */
};

/* What mends it. */
enum evidence_remedy {
	EVIDENCE_LINE,  /* the record as it should be */
	EVIDENCE_MERGE, /* what it should be is for the planner to say */
	EVIDENCE_OWNER, /* only the customer can say which policy is meant */
	EVIDENCE_MEND,  /* the record as it was meant, without us yet: the planner says more */
	EVIDENCE_LINT,  /* it is broken, and what was meant is not certain */
};

/* What a look for one mistake found. */
struct evidence_clue {
	bool certain;
	const char *thing;    /* what is wrong, fit to be shown */
	const char *found_at; /* a name; NULL: the requirement's own */
	const char *value;    /* as it should be; NULL: as the requirement says */
	enum evidence_remedy remedy;
};

/* One of enum evidence_subject; 0: nobody makes mistakes of this kind with it. */
unsigned evidence_subject_of(const struct requirement *requirement);

/* False: call again.  A subject of 0 means that no mistake can be told.  Without
 * `server`, nobody is looked for to ask more: `zone` and `server` stay empty. */
bool evidence_gather(struct inquiry *inquiry, const struct domain_check *check,
                     const struct verdict *verdict, bool server, struct evidence *evidence);

/* Ask the zone.  *answer becomes NULL when it does not say.  False: call again. */
bool evidence_ask(const struct evidence *evidence, const char *name, int type,
                  const struct dns_answer **answer);

/* Would this text do at the right name?  TXT only. */
bool evidence_is_ours(const struct evidence *evidence, const char *text);

/* The answer holds what was wanted: our record, or the CNAME.  *text is the
 * record's text, NULL for a CNAME. */
bool evidence_holds(const struct evidence *evidence, const struct dns_answer *answer,
                    const char **text);

/* The nth text at the name that may be meant as the wanted record; NULL: no more. */
const char *evidence_text(const struct evidence *evidence, size_t nth);

/* A name beside the wanted one that nobody has made. */
const char *evidence_stranger(const struct evidence *evidence);

/* Without white space at its ends; without any. */
const char *evidence_trim(struct arena *arena, const char *text);
const char *evidence_squeeze(struct arena *arena, const char *text);

/* A few characters of a stranger's text around one place, fit to be shown. */
const char *evidence_excerpt(struct arena *arena, const char *text, size_t at);
