#pragma once

/*
 * outlet -- where rendered text leaves: through a bounded buffer into a file,
 * past a digest.
 *
 * Renderers add to `text` as to any text and call outlet_row() after each row;
 * what has piled up goes on from time to time, so that a million rows need no
 * more memory than a thousand.
 *
 * Owner:   whoever declared it; outlet_close() or outlet_drop() ends it.
 *          {0} leads nowhere and collects in `text`: a golden test reads that.
 * Failure: ERR_INPUT for a word that may not stand in a table; ERR_SYSTEM.
 * Secrets: never here.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "keys/digest.h"

struct outlet {
	struct text text;
	struct file_new *file;   /* NULL: written nowhere */
	struct digest *digest;   /* borrowed; NULL: not digested */
	unsigned long long size; /* octets that left so far */
	unsigned long long rows;
};

/* A row is complete. */
bool outlet_row(struct outlet *outlet, struct err *err) CHECKED;

/* Let everything go now. */
bool outlet_flush(struct outlet *outlet, struct err *err) CHECKED;

/* What a tenant's word is made of.  Anything else is refused, with the word's
 * kind in the sentence; nothing is ever quoted or repaired. */
enum word_kind {
	WORD_DOMAIN, /* lower-case A-labels */
	WORD_SELECTOR,
	WORD_ADDRESS, /* local part of the allow-list, "@", domain */
	WORD_LOGIN,
	WORD_LOGINS, /* logins, separated by commas that we put there */
	WORD_PORT,
	WORD_NAME, /* our own short names: letters, digits, dashes */
	WORD_UUID,
	WORD_PATH, /* an absolute path of ours */
	WORD_KINDS,
};

bool outlet_word_ok(enum word_kind kind, const char *word);

/* Add a word, or refuse it.  NULL is refused. */
bool outlet_word(struct outlet *outlet, enum word_kind kind, const char *word,
                 struct err *err) CHECKED;

void outlet_drop(struct outlet *outlet);
