#pragma once

/*
 * print -- answers for people and for programs, from the same tree.
 *
 * A command builds a tree with the stable keys of product.md.  With --json the
 * tree is printed as it is; otherwise as a table or as lines.  Everything is
 * collected in session->out and leaves after the transaction was committed.
 * Foreign bytes are made harmless for a terminal here.
 */

#include "cli/session.h"

struct print_column {
	const char *key;   /* of the tree; "a.b" looks into a map; NULL ends the table */
	const char *title; /* N_("sender") */
	enum print_shape {
		PRINT_LEFT,
		PRINT_RIGHT,
		PRINT_WRAP,
		PRINT_NAME
	} shape; /* NAME: of a domain, an address */
};

#define PRINT_COLUMNS_END \
	{ \
		NULL, NULL, PRINT_LEFT \
	}

/* A list of maps: the whole JSON answer, or a table.  Takes the list. */
void print_list(struct session *session, struct tree *list, const struct print_column *columns);

/* A map: the whole JSON answer, or one "title  value" line per column.  Takes the map. */
void print_map(struct session *session, struct tree *map, const struct print_column *columns);

/* A table of a list that is part of a larger answer: text only.  Borrows the list. */
void print_table(struct session *session, const struct tree *list,
                 const struct print_column *columns);

/* The whole JSON answer, nothing as text.  Takes the tree. */
void print_json(struct session *session, struct tree *tree);

/* A line for people; nothing with --json or --quiet. */
void print_line(struct session *session, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Text as it is (a sheet, a zone fragment); nothing with --json. */
void print_raw(struct session *session, const char *text);

/* Let what was said so far out now (long commands with ACCESS_OPEN or ACCESS_NOTHING). */
void print_flush(struct session *session);

/* Colour words, "" without colours: print_line(s, "%sok%s", print_green(s), print_plain(s)). */
const char *print_green(const struct session *session);
const char *print_red(const struct session *session);
const char *print_yellow(const struct session *session);
const char *print_bold(const struct session *session);
const char *print_plain(const struct session *session);
