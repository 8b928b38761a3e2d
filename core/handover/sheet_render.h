#pragma once

/*
 * sheet_render -- a stored sheet as text or as a page, in its language.
 *
 * Owner:   the caller's text.
 * Failure: ERR_INPUT when a template is broken: a mistake of ours that a test finds.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/tree.h"

enum sheet_form { SHEET_TXT, SHEET_HTML, SHEET_FORMS };

struct sheet_face {
	const struct tree *model; /* as sheet_model made it */
	const char *language;     /* de, en */
	int number;
	int replaces;     /* the sheet before; 0: none */
	const char *date; /* 2026-11-22 */
	const char *digest;
};

bool sheet_render(struct arena *arena, const struct sheet_face *face, enum sheet_form form,
                  struct text *out, struct err *err) CHECKED;

/* "txt", "html": also the ending of a file's name. */
const char *sheet_form_word(enum sheet_form form);
