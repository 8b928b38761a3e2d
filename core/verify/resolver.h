#pragma once

/*
 * resolver -- sends questions and brings answers: the one door to c-ares.
 *
 * Many questions are under way at once, to recursive resolvers and to the
 * authoritative servers of zones alike; a server is "192.0.2.53:53" or
 * "[2001:db8::53]:53".  A timeout, a failure and an absence are different
 * outcomes, and stay different.  No server is flooded, and a responsible one that
 * keeps silent is left alone for a while: questions to it then time out at once.
 *
 * Owner:   whoever opened it closes it; questions must outlive their answers,
 *          or the resolver must be closed before they go.
 * Failure: opening can fail; a question never does, it gets an outcome.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/verify/dns_message.h"

struct resolver;

struct resolver_settings {
	const char *const *servers; /* recursive ones: "ADDR", "ADDR:PORT", "[V6]:PORT" */
	size_t server_count;        /* 0: those of the system */
	double timeout;             /* seconds for one answer, all attempts together */
	int authoritative_port;     /* 0 means 53 */
	double rate;                /* questions a second to everybody together; 0: no limit */
	size_t per_server;          /* questions under way at one server; 0: as usual */
	bool quick;                 /* the recursive ones stand in for those responsible */
};

struct resolver_question {
	const char *server;
	bool recursion;   /* ask it to find out; off for authoritative servers */
	const char *name; /* canonical, see dns_message */
	int type;
	struct arena *arena; /* where the answer's texts go */
	struct dns_answer answer;
	void (*done)(struct resolver_question *question);
	void *owner;                    /* for done() */
	struct resolver_question *next; /* of the resolver, while it waits */
	struct resolver *resolver;      /* of the resolver */
	void *channel;                  /* of the resolver */
	int64_t sent_at;                /* of the resolver: clock_ticks() */
};

bool resolver_open(struct resolver **resolver, const struct resolver_settings *settings,
                   struct err *err) CHECKED;

/* Questions under way are forgotten: their done() is not called.  NULL is fine. */
void resolver_close(struct resolver *resolver);

/* The recursive servers, normalised to ADDR:PORT; index 0, 1, ... until NULL. */
const char *resolver_server(const struct resolver *resolver, size_t index);

/* It did not answer the last questions: others should be asked first. */
bool resolver_is_silent(const struct resolver *resolver, const char *server);

/* Questions wait to be sent, for the rate or for a recursive resolver: new ones
 * would only wait behind them. */
bool resolver_is_behind(const struct resolver *resolver);

/* How many questions travelled so far. */
size_t resolver_questions(const struct resolver *resolver);

/* Should those responsible for a zone not be asked, but the recursive ones? */
bool resolver_is_quick(const struct resolver *resolver);

/* "ADDR:PORT" of an authoritative server with this address. */
const char *resolver_authority(const struct resolver *resolver, struct arena *arena,
                               const char *address);

/* Begin to ask.  done() is called from here or from resolver_turn(). */
void resolver_send(struct resolver *resolver, struct resolver_question *question);

/* Wait up to so many milliseconds for something to happen, and handle it. */
void resolver_turn(struct resolver *resolver, int milliseconds);
