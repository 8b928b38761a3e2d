#pragma once

/*
 * noun_verbs -- add, set, show, list, retire: the same for every noun.
 *
 * One argument struct for all of them, so that a noun's commands are tables of
 * options and one line per verb; what is special about a noun stands in its
 * cmd_NOUN.c.
 */

#include <stdbool.h>
#include <stddef.h>

#include "cli/option.h"
#include "cli/print.h"
#include "cli/session.h"
#include "core/model/noun.h"

struct noun_args {
	const char *name;
	const char *client;
	const char *provider;
	const char *why;
	bool retired;
	bool reactivate;
	struct option_list items; /* addresses of a relay, logins of a sender */
	const char *extra[6];     /* what one noun alone has */
	const char *said[NOUN_MOST_FIELDS];
};

/* --title TEXT: a field of the noun, by its place in the noun's table. */
#define SAID(index, word, value, text) \
	{ \
		OPTION_WORD, false, word, value, offsetof(struct noun_args, said[index]), text \
	}
#define SAID_NEEDED(index, word, value, text) \
	{ \
		OPTION_WORD, true, word, value, offsetof(struct noun_args, said[index]), text \
	}
#define NOUN_NAME(word, text) PLACE(struct noun_args, name, word, text)
#define NOUN_PROVIDER \
	ALLOWED(struct noun_args, provider, "--provider", "NAME", N_("of which provider"))
#define NOUN_CLIENT \
	ALLOWED(struct noun_args, client, "--client", "CLIENT", N_("of which client: lms/acme"))
#define NOUN_WHY     ALLOWED(struct noun_args, why, "--why", "TEXT", N_("the reason, for the history"))
#define NOUN_RETIRED FLAG(struct noun_args, retired, "--retired", N_("retired ones too"))
#define NOUN_REACTIVATE \
	FLAG(struct noun_args, reactivate, "--reactivate", N_("bring back what was retired"))

/* What the arguments mean, "lms/acme" in --client taken apart. */
bool noun_asked(struct session *session, const struct noun *noun, const struct noun_args *args,
                struct noun_query *query, struct err *err) CHECKED;

/* The client or the provider that something new belongs to. */
bool noun_above(struct session *session, const struct noun *noun, const char *name,
                struct noun_one *above, struct err *err) CHECKED;

bool noun_list_run(struct session *session, const struct noun *noun, const struct noun_args *args,
                   const struct print_column *columns, struct err *err) CHECKED;
bool noun_show_run(struct session *session, const struct noun *noun, const struct noun_args *args,
                   const struct print_column *columns, struct err *err) CHECKED;
bool noun_set_run(struct session *session, const struct noun *noun, const struct noun_args *args,
                  struct err *err) CHECKED;
bool noun_retire_run(struct session *session, const struct noun *noun, const struct noun_args *args,
                     struct err *err) CHECKED;

/* "client lms/acme was added", and all about it as JSON; with what a careful
 * reader should know about its name. */
bool noun_added(struct session *session, const struct noun_one *one, struct err *err) CHECKED;
