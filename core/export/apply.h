#pragma once

/*
 * apply -- render a relay's targets into a folder, file by file, whole or not at all.
 *
 * Same data, same bytes: every file begins with a line that names the relay and
 * the generation's number, and the digest covers everything but that line.  When
 * the digest is that of the relay's last generation, its number is kept, so the
 * files are the same to the last byte; else the number is the next one.
 *
 * The folder also gets the file GENERATION, which lists the others:
 *
 *	# written by senderctl: relay lms/mx1, generation 00000007
 *	relay lms/mx1 UUID
 *	generation 7 UUID
 *	digest HEX                              of the content, without the numbers
 *	root /var/lib/senderctl/relay/mx1
 *	file MODE SIZE HEX postfix/main.cf      digest and size without the first line
 *
 * Owner:   apply_open() .. apply_close(); files appear at apply_commit().
 * Failure: ERR_INPUT for a word that no table may hold; ERR_SYSTEM.
 * Secrets: none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/export/target.h"
#include "core/export/view.h"
#include "core/model/generation.h"

enum { APPLY_FILES = 32 };

struct apply_file {
	const struct artifact *artifact;
	struct file_new file;
	unsigned long long size; /* without the first line */
	unsigned long long rows;
	uint8_t digest[DIGEST_BYTES];
};

struct apply {
	const char *folder;
	struct view *view;
	struct arena *arena;
	struct apply_file files[APPLY_FILES];
	size_t count;
	struct generation generation; /* number, digest, and what is in it */
	bool changed;                 /* differs from the relay's last one */
	int manifest;                 /* descriptor of an unnamed file; -1 */
	long long secrets;            /* lines of the manifest */
	uint8_t tree[DIGEST_BYTES];   /* of the file GENERATION */
};

/* Render everything the relay runs; needs the view's rows.  `folder` is made
 * when it is missing. */
bool apply_open(struct apply *apply, struct view *view, struct arena *arena, const char *folder,
                struct err *err) CHECKED;

/* Let the files appear, GENERATION last; `uuid` names the generation. */
bool apply_commit(struct apply *apply, const char *uuid, struct err *err) CHECKED;

/* Forget what was not committed.  {0} is fine. */
void apply_close(struct apply *apply);
