#pragma once

/*
 * mustache -- logic-free templates (mustache.github.io, core specification 1.3).
 *
 * Variables, sections, inverted sections, comments, partials, set delimiters.
 * No lambdas, no inheritance.  What a value may do to its surroundings is the
 * escaper's business, one per kind of output.  An empty text counts as false,
 * so that a template can ask whether there is something to say.
 *
 * Owner:   compiled templates live in the arena that was passed in.
 * Failure: ERR_INPUT with the template's name and line.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/tree.h"

/* Write a value so that it stays a value: {{name}}.  {{{name}}} goes around it. */
typedef void (*mustache_escape_fn)(struct text *out, const char *value);

/* The source of a partial, NULL when there is none. */
typedef const char *(*mustache_partial_fn)(void *context, const char *name);

struct mustache {
	const char *name; /* for complaints */
	const char *source;
	mustache_escape_fn escape;
	mustache_partial_fn partial; /* may be NULL */
	void *context;               /* of partial */
};

bool mustache_render(struct arena *arena, const struct mustache *mustache, const struct tree *data,
                     struct text *out, struct err *err) CHECKED;

/* & < > " ' become entities; controls become U+FFFD. */
void mustache_escape_html(struct text *out, const char *value);

/* Controls become '?': a value stays on its line. */
void mustache_escape_text(struct text *out, const char *value);
