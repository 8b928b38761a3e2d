#pragma once

/*
 * spf_guard -- the state of one evaluation, and the questions it may ask.
 *
 * What spf_check, spf_client, spf_loader, spf_compiler and spf_hook share; for
 * nobody else.  Limits and the first problem are kept here.
 *
 * Owner:   everything lives in the arena of the evaluation.
 * Failure: `over` (a limit) and `incomplete` (an answer is missing) stay set,
 *          and from then on every question is answered with NULL.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/record/spf_macro.h"
#include "core/record/spf_record.h"
#include "core/verify/spf_check.h"
#include "core/verify/spf_library.h"

enum {
	SPF_NAMES_MOST = 10,   /* RFC 7208 4.6.4: MX hosts, and PTR names that count */
	SPF_RECORDS_MOST = 16, /* ten terms can load eleven records */
	SPF_STEPS_MOST = 256
};

/* A record that has been loaded. */
struct spf_guard_record {
	const char *domain;
	struct spf_record record;
	struct spf_guard_reading *reading;
	const char **targets; /* per term, expanded when it is needed */
	size_t parent;        /* the step that loaded it */
	unsigned depth;
	bool base; /* its result is the result: no include on the way */
};

/* A term as libspf2 wants it; no bytes: not compiled yet. */
struct spf_guard_compiled {
	uint8_t *bytes;
	size_t length;
	unsigned char mechanisms;
};

/* A record that was read already, for all evaluations of a job. */
struct spf_guard_reading {
	struct spf_guard_reading *next;
	const char *text; /* by its place, which stays */
	struct spf_record record;
	struct spf_guard_compiled *compiled[2]; /* per term, for clients with IPv4, with IPv6 */
	size_t number;                          /* of the record, which the compiled terms name */
};

struct spf_guard_shelf {
	struct arena *arena;
	struct spf_guard_reading *readings;
	bool quiet; /* nobody reads what the steps found */
};

struct spf_guard {
	struct arena *arena;
	struct spf_guard_shelf *shelf;
	const struct spf_check_source *source;
	struct spf_check_verdict *verdict;
	struct spf_macro_values values; /* `domain` and `validated` change */
	int family;
	uint8_t address[16];
	const char *reverse; /* of spf_guard_reverse() */
	struct spf_guard_record records[SPF_RECORDS_MOST];
	size_t record_count;
	struct spf_check_step *steps;
	size_t step_count;
	size_t step_room;
	size_t step_record[SPF_STEPS_MOST]; /* which record a step belongs to */
	bool incomplete;
	bool over; /* a limit was reached: everything ends */
	SPF_server_t *server;
	SPF_response_t *scratch;
};

/* Read a record, or take it from the shelf; false: it breaks the grammar. */
bool spf_guard_read(struct spf_guard *guard, const struct dns_record *text,
                    struct spf_guard_record *loaded, struct err *err) CHECKED;

/* The first problem is the one that ends the evaluation. */
void spf_guard_say(struct spf_guard *guard, const char *problem);

/* A limit is reached: the result is permerror. */
void spf_guard_exceed(struct spf_guard *guard, const char *problem);

/* What the last step found: a text, or so many addresses. */
void spf_guard_note(struct spf_guard *guard, const char *text);
void spf_guard_note_addresses(struct spf_guard *guard, size_t count);

/* Every question of the evaluation goes through here.  NULL: no answer now. */
const struct dns_answer *spf_guard_ask(struct spf_guard *guard, const char *name, int type);

/* The same for what terms look up: "void lookups" are limited to two. */
const struct dns_answer *spf_guard_ask_term(struct spf_guard *guard, const char *name, int type);

bool spf_guard_is_void(const struct dns_answer *answer);

/* The client's family: A or AAAA, 4 or 16 octets, a term's prefix for it. */
int spf_guard_address_type(const struct spf_guard *guard);
size_t spf_guard_address_size(const struct spf_guard *guard);
int spf_guard_prefix(const struct spf_guard *guard, const struct spf_term *term);
void spf_guard_address_text(int family, const uint8_t *address, char text[INET6_ADDRSTRLEN]);

/* The name to ask PTR for. */
const char *spf_guard_reverse(struct spf_guard *guard);

/* Is the name the domain, or below it? */
bool spf_guard_is_below(const char *name, const char *domain);

/* Macros of a domain-spec, in the record of this domain; NULL on a failure. */
const char *spf_guard_expand(struct spf_guard *guard, const char *domain, const char *spec,
                             enum spf_macro_place place);

/* What a term points at: its domain-spec expanded, or the domain itself. */
const char *spf_guard_target(struct spf_guard *guard, size_t record, size_t term);
