#pragma once

/*
 * conf_text -- is this text a configuration at all?
 *
 * libconfuse accepts a section that is never closed, reports a missing quote
 * at the end of the file, and cannot see a NUL.  This check reads the text
 * before it and says what is wrong in the line where it is wrong.
 *
 *	file      = { option | section }
 *	section   = WORD "{" { option } "}"
 *	option    = WORD ( "=" | "+=" ) ( value | "{" [ value { "," value } [ "," ] ] "}" )
 *	value     = WORD | "..." | '...'           on one line
 *	comment   = "#" or "//" to the end of the line, or between slash-star and star-slash
 *
 * ${NAME} and ${NAME:-default} in a WORD or "..." is the environment.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/err.h"

struct conf_place {
	const char *file;
	int line;
	const char *section; /* NULL: on top */
	const char *name;
};

/* May this name stand here?  False with err set when not. */
typedef bool (*conf_name_fn)(const struct conf_place *at, bool opens_section, void *context,
                             struct err *err);

bool conf_text_check(const char *file, const char *bytes, size_t size, conf_name_fn allowed,
                     void *context, struct err *err) CHECKED;
