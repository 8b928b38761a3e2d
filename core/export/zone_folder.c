#include "core/export/zone_folder.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/words.h"
#include "core/export/tool.h"
#include "core/export/zone.h"
#include "core/model/dkim_key.h"
#include "core/model/event.h"
#include "core/model/key_zone.h"
#include "core/model/scope.h"
#include "core/plan/planner.h"
#include "keys/digest.h"
#include "keys/hex.h"

enum { FILE_MOST = 1 << 30 };

struct writing {
	struct db *db;
	struct arena *arena;
	const struct zone_wish *wish;
	struct facts facts;
	struct planner planner;
	struct zone_written *written;
	const char *folder; /* as an absolute path */
	struct text nsd;
	struct text bind;
};

/* ---- judging ---- */

/* The first of these that is here says whether the file is a zone. */
static bool judge(const char *zone, const char *path, struct err *err)
{
	static const char *const judges[] = { "/usr/sbin/nsd-checkzone", "/usr/bin/nsd-checkzone",
		                              "/usr/bin/named-checkzone",
		                              "/usr/sbin/named-checkzone" };

	for (size_t i = 0; i < LENGTH(judges); i++)
		if (file_exists(judges[i]))
			return tool_must((const char *const[]){ judges[i], zone, path, NULL }, -1,
			                 -1, false, err)
			       || err_within(err, "%s", zone);
	return true;
}

static bool same_on_disk(struct arena *arena, const char *path, const struct text *wanted)
{
	struct err none = { 0 };
	char *bytes = NULL;
	size_t size = 0;

	return file_read(path, FILE_MOST, arena, &bytes, &size, &none) && size == wanted->length
	       && (size == 0 || memcmp(bytes, wanted->data, size) == 0);
}

/* ---- the reload ---- */

/* A file in the folder says that the name server has not read all of it: it comes
 * before the first new file and goes after the reload, so that neither a command
 * that fails nor a run that is killed loses the reload. */
static const char *due_path(const struct writing *writing)
{
	return arena_print(writing->arena, "%s/reload.due", writing->folder);
}

static bool make_due(const struct writing *writing, struct err *err)
{
	return writing->wish->reload == NULL || file_write(due_path(writing), 0644, "", 0, err);
}

/* Outside of any transaction: a name server may take its time. */
static bool reload(const struct writing *writing, struct err *err)
{
	const char *command = writing->wish->reload;
	const char *due = due_path(writing);

	if (command == NULL || !file_exists(due))
		return true;
	if (!tool_must((const char *const[]){ "/bin/sh", "-c", command, NULL }, -1, -1, false,
	               err)) {
		(void)err_within(err, "%s", _("the name server was not reloaded"));
		return err_hint(err, _("the zones are written; the same command reloads it, also "
		                       "when nothing has changed since"));
	}
	return unlink(due) == 0 || err_errno(err, "%s", due);
}

/* ---- one file ---- */

static bool put_file(struct writing *writing, const char *name, const char *judged,
                     const struct text *content, bool *changed, struct err *err)
{
	struct file_new file = { 0 };
	const char *path = arena_print(writing->arena, "%s/%s", writing->folder, name);

	if (same_on_disk(writing->arena, path, content))
		return true;
	*changed = true;
	bool ok = file_new_open(&file, path, 0644, err)
	          && file_new_add(&file, text_string(content), content->length, err)
	          && (judged == NULL || judge(judged, file.temporary, err))
	          && make_due(writing, err) && file_new_commit(&file, err);
	file_new_drop(&file);
	return ok;
}

/* Of everything but the serial, which follows from it. */
static const char *content_digest(struct arena *arena, const struct text *text)
{
	uint8_t bytes[DIGEST_BYTES];
	char *hex = arena_take(arena, DIGEST_TEXT);
	struct digest *digest = digest_take();

	digest_add(digest, text_string(text), text->length);
	digest_end(digest, bytes);
	hex_render(bytes, sizeof bytes, hex);
	return hex;
}

static void answer_add(struct writing *writing, const struct zone *zone, bool changed)
{
	struct tree *row = tree_map();

	tree_put_text(row, "zone", zone->name);
	tree_put_text(row, "file", zone->file);
	tree_put_bool(row, "fragment", zone->fragment);
	tree_put_number(row, "serial", zone->serial);
	tree_put_number(row, "records", (long long)zone->count);
	tree_put_bool(row, "changed", changed);
	tree_push(writing->written->zones, row);
}

/* A file that is there from a run that was not finished counts as changed: its
 * serial is not known to the database. */
static bool put_zone(struct writing *writing, struct zone *zone, struct err *err)
{
	struct text content = { 0 };
	bool changed = false;

	zone_render(&content, writing->arena, &writing->facts, zone);
	bool ok = key_zone_serial(writing->db, writing->facts.provider_id, zone->name,
	                          content_digest(writing->arena, &content), &zone->serial, &changed,
	                          err);
	text_clear(&content);
	if (ok)
		zone_render(&content, writing->arena, &writing->facts, zone);
	if (ok && writing->wish->folder == NULL)
		text_add(&writing->written->text, text_string(&content));
	else if (ok)
		ok = put_file(writing, zone->file, zone->fragment ? NULL : zone->name, &content,
		              &changed, err);
	text_free(&content);
	writing->written->changed += ok && changed;
	if (ok)
		answer_add(writing, zone, changed);
	if (zone->fragment)
		return ok;
	text_addf(&writing->nsd, "zone:\n\tname: \"%s\"\n\tzonefile: \"%s/%s\"\n", zone->name,
	          writing->folder, zone->file);
	text_addf(&writing->bind, "zone \"%s\" { type primary; file \"%s/%s\"; };\n", zone->name,
	          writing->folder, zone->file);
	return ok;
}

/* ---- all of them ---- */

static bool plan_all(struct writing *writing, struct err *err)
{
	struct scope scope;
	struct facts *facts = &writing->facts;

	writing->planner = (struct planner){ .arena = writing->arena, .facts = facts };
	if (!scope_find_provider(writing->db, writing->arena, writing->wish->provider, &scope, err)
	    || !facts_load(writing->db, writing->arena, &scope, facts, err))
		return false;
	for (size_t i = 0; i < facts->domain_count; i++)
		if (!planner_domain(&writing->planner, &facts->domains[i], err))
			return false;
	return true;
}

/* What stands in a zone now is on its way: nobody else has to publish it. */
static bool hand_over(struct writing *writing, const struct zone *zones, size_t count,
                      struct err *err)
{
	for (size_t z = 0; z < count; z++) {
		for (size_t i = 0; i < zones[z].count; i++) {
			const struct requirement *r = zones[z].records[i];
			if (r->action != ACTION_ADD)
				continue;
			if (!dkim_key_hand_over(writing->db, writing->facts.provider_id, r->key_id,
			                        err))
				return err_within(err, "%s", r->name);
			writing->written->keys++;
		}
	}
	return true;
}

static bool note(struct writing *writing, struct err *err)
{
	struct tree *detail = tree_map();
	const struct event event = { .provider_id = writing->facts.provider_id,
		                     .subject = writing->facts.provider,
		                     .what = "zone.write",
		                     .why = N_("keys are published in our own zones"),
		                     .detail = detail };

	tree_put_number(detail, "files", (long long)writing->written->changed);
	bool ok = event_add(writing->db, &event, err);
	tree_drop(detail);
	return ok;
}

static bool find_folder(struct writing *writing, struct err *err)
{
	const char *folder = writing->wish->folder;

	writing->folder = "";
	if (folder == NULL)
		return true;
	if (!file_folder(folder, 0755, err))
		return false;
	char *path = realpath(folder, NULL);
	if (path == NULL)
		return err_errno(err, "%s", folder);
	writing->folder = arena_copy(writing->arena, path);
	free(path);
	return true;
}

static bool write_all(struct writing *writing, struct err *err)
{
	struct zone *zones = NULL;
	size_t count = 0;
	bool changed = false;

	if (!find_folder(writing, err) || !plan_all(writing, err))
		return false;
	zone_collect(writing->arena, &writing->facts, &writing->planner.list, &zones, &count);
	for (size_t i = 0; i < count; i++)
		if (!put_zone(writing, &zones[i], err))
			return false;
	if (writing->wish->folder == NULL)
		return true;
	if (!put_file(writing, "zones.nsd", NULL, &writing->nsd, &changed, err)
	    || !put_file(writing, "zones.bind", NULL, &writing->bind, &changed, err))
		return false;
	writing->written->changed += changed;
	return hand_over(writing, zones, count, err)
	       && (writing->written->changed == 0 || note(writing, err));
}

static bool write_again(struct db *db, void *context, struct err *err)
{
	struct writing *writing = context;

	UNUSED(db);
	zone_folder_drop(writing->written);
	writing->written->zones = tree_list();
	text_clear(&writing->nsd);
	text_clear(&writing->bind);
	return write_all(writing, err);
}

bool zone_folder_write(struct db *db, struct arena *arena, const struct zone_wish *wish,
                       struct zone_written *written, struct err *err)
{
	struct writing writing = { .db = db, .arena = arena, .wish = wish, .written = written };
	/* what was only looked at gives no serial away */
	bool ok = db_again(db, wish->folder != NULL ? DB_WRITE : DB_TRY, write_again, &writing,
	                   err);

	text_free(&writing.nsd);
	text_free(&writing.bind);
	return ok && (wish->folder == NULL || reload(&writing, err));
}

void zone_folder_drop(struct zone_written *written)
{
	tree_drop(written->zones);
	text_free(&written->text);
	*written = (struct zone_written){ 0 };
}
