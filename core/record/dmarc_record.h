#pragma once

/*
 * dmarc_record -- the record at _dmarc.<domain> (RFC 9989; old tags tolerated).
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: ERR_INPUT: receivers treat the text as no DMARC record at all.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"

enum dmarc_policy { DMARC_UNSAID, DMARC_NONE, DMARC_QUARANTINE, DMARC_REJECT, DMARC_POLICIES };
enum dmarc_psd { DMARC_PSD_UNKNOWN, DMARC_PSD_YES, DMARC_PSD_NO, DMARC_PSDS };

struct dmarc_record {
	enum dmarc_policy policy;           /* never unsaid after parsing */
	enum dmarc_policy subdomain_policy; /* sp, for existing subdomains */
	enum dmarc_policy missing_policy;   /* np, for names that do not exist */
	bool strict_dkim, strict_spf;       /* adkim=s, aspf=s */
	bool testing;                       /* t=y: one level weaker */
	enum dmarc_psd psd;
	const char *rua, *ruf; /* as published, NULL when absent */
	const char *faulty;    /* the first part that is no tag, and is ignored; NULL */
	bool policy_assumed;   /* p missing or unknown, rua valid: taken as none */
	bool old_tags;         /* pct, rf or ri: ignored now */
	int percent;           /* pct, for readers of RFC 7489; 100 when absent or broken */
};

/* Is this TXT record meant as DMARC: does it begin with v=DMARC1? */
bool dmarc_record_is(const char *text, size_t length);

bool dmarc_record_parse(struct arena *arena, const char *text, size_t length,
                        struct dmarc_record *record, struct err *err) CHECKED;

/* v first, p second: readers of RFC 7489 want it there. */
void dmarc_record_render(struct text *out, const struct dmarc_record *record);

/* "none", "quarantine", "reject"; "" for unsaid. */
const char *dmarc_record_word(enum dmarc_policy policy);

/* What holds for a name: `own` when the record stands at the name itself,
 * `exists` when the name has any records; with t=y one level weaker. */
enum dmarc_policy dmarc_record_policy(const struct dmarc_record *record, bool own, bool exists);

/* Does a rua= value name this address already? */
bool dmarc_record_reports(const char *rua, const char *address);

/* The record as it is published, with this address added to its rua=; nothing
 * else changes.  The record has been parsed before. */
const char *dmarc_record_add_report(struct arena *arena, const char *text, const char *address);

/* "mailto:dmarc@vendor.example": what has a meaning in a URI or a record is escaped. */
const char *dmarc_record_mailto(struct arena *arena, const char *address);

/* acme.example._report._dmarc.vendor.example: where the receiver of reports says
 * that it wants those about acme.example (RFC 9990 4), and what stands there. */
const char *dmarc_record_report_name(struct arena *arena, const char *domain, const char *receiver);
const char *dmarc_record_report_value(void);

/* _dmarc.acme.example */
const char *dmarc_record_name(struct arena *arena, const char *domain);
