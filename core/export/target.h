#pragma once

/*
 * target -- a kind of mail software we can write configuration for.
 *
 * A target is one file, target_NAME.c, and one row in targets.c.  Rendering is
 * pure: what it needs is in the view, what it makes goes to the outlet.  It
 * opens no file and asks no clock, so that a golden file can judge it.
 *
 * Secrets: a target never sees one.  It names them, line by line, in the
 *          manifest (keys/client.h); the key service puts them into the bundle
 *          that only the relay can open.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/export/outlet.h"
#include "core/export/view.h"

/* What the source of a table is compiled into, on the relay. */
enum artifact_table {
	TABLE_NONE, /* it is read as it is */
	TABLE_CDB,  /* NAME.cdb, by postmap */
	TABLE_HASH  /* NAME.db, Berkeley DB, by db5.3_load */
};

typedef bool (*render_fn)(const struct view *view, struct outlet *out, struct err *err);

struct artifact {
	const char *path; /* in the folder of the generation */
	unsigned mode;
	enum artifact_table table;
	const char *comment; /* what begins a comment: "# " */
	bool pinned;         /* names the folder of its own generation */
	render_fn render;    /* everything but the first line */
};

struct target {
	const char *name;
	const char *summary;
	const struct artifact *artifacts;
	size_t artifact_count;
	bool (*wanted)(const struct view *view); /* does this relay run it? */
	render_fn manifest; /* lines for the bundle; NULL: it needs no secrets */
};

/* Ends with NULL; in the order in which files are written. */
extern const struct target *const targets[];

/* The artifact of a path, whoever makes it; NULL for none. */
const struct artifact *target_artifact_find(const char *path);

/* Where things stand on a relay: "/var/lib/.../g00000007", "/var/lib/.../current". */
void target_folder(const struct view *view, struct text *out);
void target_current(const struct view *view, struct text *out);

/* Add `template`, with @ROOT@, @CURRENT@, @FOLDER@ and @RELAY@ filled in. */
bool target_template(const struct view *view, const char *template, struct outlet *out,
                     struct err *err) CHECKED;

/* One line of the manifest for a file of its own: keys/D/S.pem. */
bool target_key_file(const struct serving_key *key, const char *format, struct outlet *out,
                     struct err *err) CHECKED;

/* Does this relay sign with such keys?  "rsa-sha256", "ed25519-sha256" */
bool target_opendkim_signs(const struct view *view, const char *algorithm);
