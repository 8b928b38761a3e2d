#pragma once

/*
 * wire_fault -- everything that can be wrong with somebody else's server, one
 * row each: a stable word, how bad it is, and the sentence that a project
 * manager can forward to the customer.
 *
 * A sentence has places: {host}, {port}, {address}, {name}, {said}, {tls},
 * {date}, {user}, {sender}.  What is put there may come from strangers; it is
 * made printable where it is read (wire.h, tls.h).
 *
 * Owner:   sentences live in the arena that was passed in.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"

enum wire_fault {
	WIRE_GOOD,
	/* reaching it */
	WIRE_NO_ADDRESS,
	WIRE_PRIVATE,
	WIRE_REFUSED,
	WIRE_UNREACHABLE,
	/* talking at all */
	WIRE_SILENT,
	WIRE_HUNG_UP,
	WIRE_ENDLESS,
	WIRE_NOT_SMTP,
	WIRE_EARLY,
	WIRE_LATER,
	WIRE_REJECTED,
	/* encryption */
	WIRE_NO_STARTTLS,
	WIRE_STARTTLS_REFUSED,
	WIRE_TLS_OLD,
	WIRE_TLS_NONE,
	WIRE_TLS_HERE,
	WIRE_CERT_NAME,
	WIRE_CERT_SELF,
	WIRE_CERT_EXPIRED,
	WIRE_CERT_EARLY,
	WIRE_CERT_UNKNOWN,
	WIRE_CERT_BAD,
	/* logging in, and sending as somebody */
	WIRE_NO_AUTH,
	WIRE_NO_MECHANISM,
	WIRE_LOGIN_WRONG,
	WIRE_LOGIN_DENIED,
	WIRE_LOGIN_LATER,
	WIRE_SENDER_REFUSED,
	WIRE_SENDER_LATER,
	WIRE_TEST_REFUSED,
	WIRE_BROKEN,
	/* web servers */
	WIRE_NOT_HTTP,
	WIRE_PAGE_MISSING,
	WIRE_PAGE_FAILS,
	WIRE_MOVED_HOST,
	WIRE_MOVED_CLEAR,
	WIRE_ELSEWHERE,
	WIRE_NOT_THE_DOMAIN,
	WIRE_FAULTS
};

enum wire_kind {
	WIRE_FINE,
	WIRE_WRONG,  /* it answered, and something is not as it must be */
	WIRE_ABSENT, /* nobody listens there */
	WIRE_UNSURE  /* could not tell */
};

struct wire_fault_row {
	const char *word;
	enum wire_kind kind;
	const char *sentence; /* to be translated */
};

/* What the places of a sentence are filled with; NULL leaves "?". */
struct wire_detail {
	const char *host;
	int port;
	const char *address;
	const char *name;
	const char *said;
	const char *tls;
	const char *date;
	const char *user;
	const char *sender;
};

const struct wire_fault_row *wire_fault_row(enum wire_fault fault);

/* WIRE_FAULTS when the word is none. */
enum wire_fault wire_fault_find(const char *word);

/* The sentence, in the language in force. */
const char *wire_fault_say(struct arena *arena, enum wire_fault fault,
                           const struct wire_detail *detail);
