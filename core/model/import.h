#pragma once

/*
 * import -- many nouns from one file, whole or not at all.
 *
 * The file is streamed into temporary tables, compared with the registry as
 * sets, and stored in the caller's transaction.  What is there already stays
 * as it is; what the file says differently is changed; nothing is retired
 * unless `prune` asks for it.  The same file again changes nothing.
 *
 * Owner:   texts live in the arena that was passed in; the caller begins and
 *          commits the (SERIALIZABLE) transaction.
 * Failure: ERR_INPUT with all findings, and nothing stored; or what db reports.
 * Memory:  bounded for CSV; for JSON the size of the document.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/import_finding.h"
#include "sql/db.h"

enum import_format { IMPORT_BY_NAME, IMPORT_CSV, IMPORT_JSON };

enum import_noun {
	IMPORT_NOUN_PROVIDER,
	IMPORT_NOUN_RELAY,
	IMPORT_NOUN_CLIENT,
	IMPORT_NOUN_SITE,
	IMPORT_NOUN_SMARTHOST,
	IMPORT_NOUN_DOMAIN,
	IMPORT_NOUN_LOGIN,
	IMPORT_NOUN_SENDER,
	IMPORT_NOUNS,
};

enum { IMPORT_SHOWN = 50 }; /* changes that are listed; the rest is counted */

/* Called now and then: the step it is at, and how far. */
typedef void (*import_progress_fn)(void *context, const char *step, long long done, long long of);

struct import_request {
	const char *path;
	const char *provider; /* NULL: named in the file, or the only one there is */
	enum import_format format;
	bool whole;                  /* the file is all there shall be: look for what is missing */
	bool prune;                  /* and retire that */
	import_progress_fn progress; /* or NULL */
	void *context;
};

struct import_count {
	long long added, changed, unchanged, missing;
};

struct import_change {
	const char *noun;
	const char *verb;  /* add, change, missing, retire */
	const char *place; /* "" for what is missing */
	const char *name;
	const char *detail; /* "title: Acme -> Acme Ltd", or "" */
};

struct import_answer {
	const char *sha256;
	struct import_count counts[IMPORT_NOUNS];
	struct import_change changes[IMPORT_SHOWN];
	size_t change_count;
	long long change_total; /* what is missing and stays among them */
	long long done;         /* added, changed or retired */
};

/* "client", as in JSON; and for people, translated where printed. */
const char *import_noun_word(enum import_noun noun);

/* `findings` holds arena and file name; its finds are there after ERR_INPUT. */
bool import_run(struct db *db, const struct import_request *request,
                struct import_findings *findings, struct import_answer *answer,
                struct err *err) CHECKED;

/* Note a change of a noun that is not a row of the file's tables; texts are copied. */
void import_answer_add(struct import_answer *answer, struct arena *arena,
                       const struct import_change *change);
