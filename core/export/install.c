#include "core/export/install.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/words.h"
#include "core/export/outlet.h"
#include "core/export/table.h"
#include "core/export/target.h"
#include "core/export/tool.h"
#include "core/export/unseal.h"
#include "keys/hex.h"

enum { PLAN_LIMIT = 1 << 16, COPY_PIECE = 1 << 16 };

/* ---------------------------------------------------------------- the plan */

/* The next blank-separated word of a line. */
static char *word(char **line)
{
	char *start = *line + strspn(*line, " ");
	char *end = start + strcspn(start, " ");

	*line = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return start;
}

static bool file_line(struct install_plan *plan, char *line, struct err *err)
{
	struct install_file *file = &plan->files[plan->count];

	if (plan->count == INSTALL_FILES)
		return err_set(err, ERR_INPUT, _("GENERATION lists too many files"));
	file->mode = (unsigned)strtoul(word(&line), NULL, 8);
	file->size = strtoull(word(&line), NULL, 10);
	file->digest = word(&line);
	file->path = word(&line);
	/* only files that we know how to write, so no path leads anywhere else */
	const struct artifact *artifact = target_artifact_find(file->path);
	if (artifact == NULL || artifact->mode != file->mode)
		return err_set(err, ERR_INPUT, _("GENERATION lists a file of no known kind: %s"),
		               file->path);
	plan->count++;
	return true;
}

static bool plan_line(struct install_plan *plan, char *line, struct err *err)
{
	const char *what = word(&line);

	if (strcmp(what, "file") == 0)
		return file_line(plan, line, err);
	if (strcmp(what, "relay") == 0) {
		plan->relay = word(&line);
		plan->relay_uuid = word(&line);
	} else if (strcmp(what, "generation") == 0) {
		plan->number = strtoll(word(&line), NULL, 10);
		plan->uuid = word(&line);
	} else if (strcmp(what, "digest") == 0) {
		plan->digest = word(&line);
	} else if (strcmp(what, "root") == 0) {
		plan->root = word(&line);
	} else if (what[0] != '#') {
		return err_set(err, ERR_INPUT, _("GENERATION holds a line \"%s\" of no known kind"),
		               what);
	}
	return true;
}

static bool plan_whole(const struct install_plan *plan)
{
	return plan->relay != NULL && plan->number > 0 && plan->number < 100000000
	       && outlet_word_ok(WORD_UUID, plan->uuid)
	       && outlet_word_ok(WORD_UUID, plan->relay_uuid) && plan->digest != NULL
	       && outlet_word_ok(WORD_PATH, plan->root) && plan->count > 0;
}

/* Copy one file and compare; `to` may be NULL: compare only. */
static bool copy_file(const char *from, const struct install_file *file, struct file_new *to,
                      struct err *err)
{
	FILE *in = fopen(from, "re");
	struct digest *digest = digest_take();
	uint8_t got[DIGEST_BYTES];
	char hex[DIGEST_TEXT];
	unsigned long long size = 0;
	char *bytes = NULL;
	size_t room = 0;
	bool ok = in != NULL || err_errno(err, _("cannot read %s"), from);
	/* the first line is the number's, and not in the digest */
	ssize_t first = ok ? getline(&bytes, &room, in) : 0;

	if (ok && first > 0 && to != NULL)
		ok = file_new_add(to, bytes, (size_t)first, err);
	free(bytes);
	bytes = malloc(COPY_PIECE);
	for (size_t n; ok && bytes != NULL && (n = fread(bytes, 1, COPY_PIECE, in)) > 0;
	     size += n) {
		digest_add(digest, bytes, n);
		ok = to == NULL || file_new_add(to, bytes, n, err);
	}
	free(bytes);
	if (in != NULL)
		(void)fclose(in);
	digest_end(digest, got);
	hex_render(got, sizeof got, hex);
	if (ok && (size != file->size || strcmp(hex, file->digest) != 0)) {
		ok = err_set(err, ERR_REFUSED, _("%s is not the file that was exported"), from);
		(void)err_hint(err, _("it was changed or cut on its way: export again"));
	}
	return ok;
}

bool install_read(struct arena *arena, const char *folder, struct install_plan *plan,
                  struct err *err)
{
	const char *path = arena_print(arena, "%s/GENERATION", folder);
	char *bytes, *save = NULL;
	size_t size;

	*plan = (struct install_plan){ 0 };
	if (!file_read(path, PLAN_LIMIT, arena, &bytes, &size, err)) {
		if (err->code == ERR_NOT_FOUND)
			(void)err_hint(
				err,
				_("\"senderctl export RELAY --output DIR\" makes such a folder"));
		return false;
	}
	struct digest *digest = digest_take();
	digest_add(digest, bytes, size);
	digest_end(digest, plan->tree);
	for (char *line = strtok_r(bytes, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		if (!plan_line(plan, line, err))
			return err_within(err, "%s", path);
	if (!plan_whole(plan))
		return err_set(err, ERR_INPUT, _("%s is not complete"), path);
	for (size_t i = 0; i < plan->count; i++)
		if (!copy_file(arena_print(arena, "%s/%s", folder, plan->files[i].path),
		               &plan->files[i], NULL, err))
			return false;
	return true;
}

/* ---------------------------------------------------------------- the steps */

struct install {
	struct arena *arena;
	const struct install_wish *wish;
	struct install_report *report;
	const char *root;
	const char *folder; /* ROOT/g00000007 */
	const char *link;   /* ROOT/current */
	const char *former; /* what the link said; NULL: nothing ran here */
	int lock;
};

static void note(struct install *install, const char *line)
{
	text_addf(&install->report->notes, "%s\n", line);
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
	UNUSED(about);
	UNUSED(kind);
	UNUSED(walk);
	return remove(path);
}

static bool remove_folder(const char *path, struct err *err)
{
	if (!file_exists(path) || nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0)
		return true;
	return err_errno(err, _("cannot remove %s"), path);
}

static bool take_lock(struct install *install, struct err *err)
{
	const char *path = arena_print(install->arena, "%s/.lock", install->root);

	install->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (install->lock < 0)
		return err_errno(err, _("cannot open %s"), path);
	if (flock(install->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	return err_set(err, ERR_CONFLICT, _("another installation runs in %s"), install->root);
}

static bool find_former(struct install *install, struct err *err)
{
	char target[512];
	ssize_t length = readlink(install->link, target, sizeof target - 1);

	if (length < 0 && errno != ENOENT)
		return err_errno(err, _("cannot read the link %s"), install->link);
	if (length > 0)
		install->former = arena_copy_part(install->arena, target, (size_t)length);
	return true;
}

/* Is the very same generation, to the byte, what runs here? */
static bool runs_already(struct install *install)
{
	const struct install_plan *plan = &install->report->plan;
	struct install_plan here;
	struct err ignored = { 0 };
	const char *name = strrchr(install->folder, '/') + 1;

	return install->former != NULL && strcmp(install->former, name) == 0
	       && install_read(install->arena, install->folder, &here, &ignored)
	       && memcmp(here.tree, plan->tree, sizeof here.tree) == 0;
}

static bool copy_tree(struct install *install, struct err *err)
{
	const struct install_plan *plan = &install->report->plan;
	struct arena *arena = install->arena;

	if (!remove_folder(install->folder, err) || !file_folder(install->folder, 0755, err))
		return false;
	for (size_t i = 0; i < plan->count; i++) {
		const struct install_file *file = &plan->files[i];
		const char *from = arena_print(arena, "%s/%s", install->wish->folder, file->path);
		char *to = arena_print(arena, "%s/%s", install->folder, file->path);
		char *slash = strrchr(to, '/');
		struct file_new copy = { 0 };
		*slash = '\0';
		bool ok = file_folder(to, 0755, err);
		*slash = '/';
		ok = ok && file_new_open(&copy, to, file->mode, err)
		     && copy_file(from, file, &copy, err) && file_new_commit(&copy, err);
		file_new_drop(&copy);
		if (!ok)
			return false;
	}
	return true;
}

static bool copy_plan(struct install *install, struct err *err)
{
	char *bytes;
	size_t size;

	return file_read(arena_print(install->arena, "%s/GENERATION", install->wish->folder),
	                 PLAN_LIMIT, install->arena, &bytes, &size, err)
	       && file_write(arena_print(install->arena, "%s/GENERATION", install->folder), 0644,
	                     bytes, size, err);
}

/* postmap wants a main.cf even for a table that it does not need one for. */
static bool postmap_folder(struct install *install, const char **folder, struct err *err)
{
	static const char main_cf[] = "compatibility_level = 3.6\n";

	*folder = arena_print(install->arena, "%s/.postmap", install->root);
	return file_folder(*folder, 0755, err)
	       && file_write(arena_print(install->arena, "%s/main.cf", *folder), 0644, main_cf,
	                     sizeof main_cf - 1, err);
}

static bool compile(struct install *install, struct err *err)
{
	const struct install_plan *plan = &install->report->plan;
	const char *passwords = arena_print(install->arena, "%s/postfix/sasl_passwd",
	                                    install->folder);
	const char *conf;

	if (!postmap_folder(install, &conf, err))
		return false;
	for (size_t i = 0; i < plan->count; i++) {
		const struct artifact *artifact = target_artifact_find(plan->files[i].path);
		const char *path = arena_print(install->arena, "%s/%s", install->folder,
		                               artifact->path);
		if (artifact->table == TABLE_CDB
		    && !table_make_cdb(install->arena, path, conf, err))
			return false;
		if (artifact->table == TABLE_HASH && !table_make_hash(install->arena, path, err))
			return false;
	}
	return !file_exists(passwords) || table_make_cdb(install->arena, passwords, conf, err);
}

/* A row names its key below ROOT/current; it must be in the folder that will be that. */
static bool key_is_there(const char *name, const char *value, void *context, struct err *err)
{
	const struct install *install = context;
	const char *path = strrchr(value, ':');
	size_t skip = strlen(install->link);
	struct stat about;
	char here[1024];

	UNUSED(name);
	if (path == NULL || strncmp(path + 1, install->link, skip) != 0)
		return err_set(err, ERR_REFUSED, _("a row names a key outside of %s"),
		               install->link);
	(void)snprintf(here, sizeof here, "%s%s", install->folder, path + 1 + skip);
	if (stat(here, &about) != 0)
		return err_errno(err, _("a table names a key that did not come: %s"), here);
	if ((about.st_mode & 077) != 0 || about.st_size == 0)
		return err_set(err, ERR_REFUSED, _("the key %s is empty or open to others"), here);
	return true;
}

/* -n finds syntax, missing tables and scripts that don't load; not keys. */
static bool judge(struct install *install, struct err *err)
{
	static const char *const instances[] = { "opendkim-rsa", "opendkim-ed25519" };

	for (size_t i = 0; i < LENGTH(instances); i++) {
		const char *conf = arena_print(install->arena, "%s/%s/opendkim.conf",
		                               install->folder, instances[i]);
		const char *table = arena_print(install->arena, "%s/%s/KeyTable", install->folder,
		                                instances[i]);
		if (!file_exists(conf))
			continue;
		if (!tool_must((const char *const[]){ "opendkim", "-n", "-x", conf, NULL }, -1, -1,
		               false, err)
		    || !table_each(table, key_is_there, install, err))
			return false;
	}
	return true;
}

/* rename() is the moment: before it the old generation runs, after it the new one. */
static bool swing(struct install *install, const char *to, struct err *err)
{
	const char *fresh = arena_print(install->arena, "%s/.current", install->root);

	(void)unlink(fresh);
	if (symlink(to, fresh) != 0 || rename(fresh, install->link) != 0)
		return err_errno(err, _("cannot swing the link %s"), install->link);
	return true;
}

static bool reload_postfix(struct install *install, struct err *err)
{
	struct tool_result status;

	if (!file_exists(arena_print(install->arena, "%s/postfix", install->folder)))
		return true;
	if (!tool_run((const char *const[]){ "postfix", "status", NULL }, -1, -1, &status, err))
		return false;
	bool runs = status.status == 0;
	tool_drop(&status);
	if (!runs)
		note(install, _("Postfix does not run here and was not reloaded"));
	return !runs
	       || tool_must((const char *const[]){ "postfix", "reload", NULL }, -1, -1, false, err);
}

/* SIGUSR1 reads the configuration again, and keeps the old one on any error; SIGHUP ends the daemon. */
static bool reload_opendkim(struct install *install, const char *instance, struct err *err)
{
	char *bytes;
	size_t size;
	struct err none = { 0 };

	if (!file_exists(arena_print(install->arena, "%s/%s", install->folder, instance)))
		return true;
	if (!file_read(arena_print(install->arena, "/run/opendkim/%s.pid", instance), 32,
	               install->arena, &bytes, &size, &none)) {
		note(install,
		     arena_print(install->arena, _("%s does not run here and was not reloaded"),
		                 instance));
		return true;
	}
	long pid = strtol(bytes, NULL, 10);
	return (pid > 1 && kill((pid_t)pid, SIGUSR1) == 0)
	       || err_errno(err, _("cannot reload %s"), instance);
}

static bool reload(struct install *install, struct err *err)
{
	const char *command = install->wish->reload;

	if (install->wish->no_reload)
		return true;
	if (command != NULL)
		return tool_must((const char *const[]){ "/bin/sh", "-c", command, NULL }, -1, -1,
		                 false, err);
	return reload_opendkim(install, "opendkim-rsa", err)
	       && reload_opendkim(install, "opendkim-ed25519", err) && reload_postfix(install, err);
}

static bool switch_over(struct install *install, struct err *err)
{
	struct err second = { 0 };

	if (!swing(install, strrchr(install->folder, '/') + 1, err))
		return false;
	if (reload(install, err))
		return true;
	if (install->former == NULL) {
		(void)unlink(install->link);
		return err_hint(err,
		                _("nothing ran here before; the new generation was taken back"));
	}
	if (!swing(install, install->former, &second) || !reload(install, &second))
		return err_hint(err, _("going back to %s failed too: %s"), install->former,
		                second.text);
	return err_hint(err, _("%s runs again as before"), install->former);
}

/* The one that runs and the one before it stay; older ones hold keys that nobody needs.
 * Where this one runs already the one before is the youngest that is whole: a run that
 * was killed in here may have left more. */
static void forget_older(struct install *install)
{
	const char *before = install->report->already ? NULL : install->former;
	struct err ignored = { 0 };
	char pattern[32];

	for (long long number = install->report->plan.number - 1, misses = 0;
	     number > 0 && misses < 64; number--) {
		(void)snprintf(pattern, sizeof pattern, "g%08lld", number);
		const char *path = arena_print(install->arena, "%s/%s", install->root, pattern);
		if (!file_exists(path)) {
			misses++;
			continue;
		}
		if (before == NULL
		    && file_exists(arena_print(install->arena, "%s/GENERATION", path)))
			before = arena_copy(install->arena, pattern);
		if (before == NULL || strcmp(pattern, before) != 0)
			(void)remove_folder(path, &ignored);
	}
}

static bool unseal(struct install *install, struct err *err)
{
	const struct unseal_wish wish = {
		.bundle = arena_print(install->arena, "%s/BUNDLE", install->wish->folder),
		.folder = install->folder,
		.root = install->root,
		.identity = install->wish->identity,
		.signer = install->wish->signer,
		.plan = &install->report->plan,
	};

	return unseal_run(install->arena, &wish, err);
}

static bool steps(struct install *install, struct err *err)
{
	if (!take_lock(install, err) || !find_former(install, err))
		return false;
	install->report->already = runs_already(install);
	if (install->report->already) {
		forget_older(install);
		return true;
	}
	if (install->former != NULL
	    && strcmp(install->former, strrchr(install->folder, '/') + 1) == 0)
		return err_set(err, ERR_REFUSED,
		               _("generation %lld runs here already, with another content"),
		               install->report->plan.number);
	if (!copy_tree(install, err) || !unseal(install, err) || !compile(install, err)
	    || !copy_plan(install, err) || !judge(install, err) || !switch_over(install, err))
		return false;
	forget_older(install);
	return true;
}

bool install_run(struct arena *arena, const struct install_wish *wish,
                 struct install_report *report, struct err *err)
{
	struct install install = { .arena = arena, .wish = wish, .report = report, .lock = -1 };
	struct err ignored = { 0 };

	*report = (struct install_report){ 0 };
	if (!install_read(arena, wish->folder, &report->plan, err))
		return false;
	const struct install_plan *plan = &report->plan;
	install.root = wish->root != NULL ? wish->root : plan->root;
	/* the tables name their own place: elsewhere they would lead nowhere */
	if (strcmp(install.root, plan->root) != 0) {
		(void)err_set(err, ERR_REFUSED,
		              _("this was exported for %s, and this relay lives in %s"), plan->root,
		              install.root);
		return err_hint(err, _("export it with --root %s"), install.root);
	}
	install.folder = arena_print(arena, "%s/g%08lld", install.root, plan->number);
	install.link = arena_print(arena, "%s/current", install.root);
	bool ok = file_folder(install.root, 0755, err) && steps(&install, err);
	if (!ok && install.lock >= 0
	    && (install.former == NULL
	        || strcmp(install.former, strrchr(install.folder, '/') + 1) != 0))
		(void)remove_folder(install.folder, &ignored);
	if (install.lock >= 0)
		(void)close(install.lock);
	return ok;
}
