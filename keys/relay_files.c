#include "keys/relay_files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/words.h"
#include "keys/key_file.h"

enum { LINES_FIRST = 1 << 16, LINES_MOST = 1 << 26 };

/* ---- whose files ---- */

static bool find_id(const char *name, bool group, unsigned *id)
{
	char *end = NULL;
	unsigned long number = strtoul(name, &end, 10);

	if (name[0] >= '0' && name[0] <= '9' && *end == '\0') {
		*id = (unsigned)number;
		return true;
	}
	if (group) {
		const struct group *found = getgrnam(name);
		*id = found != NULL ? found->gr_gid : 0;
		return found != NULL;
	}
	const struct passwd *found = getpwnam(name);
	*id = found != NULL ? found->pw_uid : 0;
	return found != NULL;
}

bool relay_files_owner(struct relay_files *files, const char *text, struct err *err)
{
	char copy[256];
	const struct passwd *user;
	unsigned uid;
	unsigned gid;

	(void)snprintf(copy, sizeof copy, "%s", text);
	char *name = strchr(copy, '=');
	if (name == NULL)
		return err_set(err, ERR_USAGE, _("\"%s\" is not KIND=USER[:GROUP]"), text);
	*name++ = '\0';
	char *group = strchr(name, ':');
	if (group != NULL)
		*group++ = '\0';
	enum bundle_owner kind = bundle_owner_find(copy);
	if (kind == 0)
		return err_set(err, ERR_USAGE, _("an owner is root, mta or signer, not \"%s\""),
		               copy);
	if (!find_id(name, false, &uid))
		return err_set(err, ERR_USAGE, _("there is no user \"%s\" on this machine"), name);
	user = getpwuid((uid_t)uid);
	gid = user != NULL ? user->pw_gid : 0;
	if (group != NULL && !find_id(group, true, &gid))
		return err_set(err, ERR_USAGE, _("there is no group \"%s\""), group);
	files->owners[kind] = (struct relay_owner){ (uid_t)uid, (gid_t)gid, true };
	return true;
}

/* ---- where to ---- */

/* From the folder up to "/": nobody else may exchange what stands in it. */
static bool safe_parents(const char *path, struct err *err)
{
	char real[PATH_MAX];
	struct stat is;

	if (realpath(path, real) == NULL)
		return err_errno(err, _("cannot look at %s"), path);
	for (;;) {
		if (lstat(real, &is) != 0)
			return err_errno(err, _("cannot look at %s"), real);
		if ((is.st_uid != 0 && is.st_uid != geteuid()) || (is.st_mode & 022) != 0) {
			(void)err_set(err, ERR_REFUSED,
			              _("others may change %s, so no key is safe in it"), real);
			return err_hint(err, _("chown root and chmod go-w; the signer would refuse "
			                       "the key too"));
		}
		char *slash = strrchr(real, '/');
		if (slash == NULL || real[1] == '\0')
			return true;
		slash[slash == real ? 1 : 0] = '\0';
	}
}

bool relay_files_open(struct relay_files *files, const char *path, struct err *err)
{
	if (!files->any_parents && !safe_parents(path, err))
		return false;
	files->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return files->root >= 0 || err_errno(err, _("cannot open %s"), path);
}

/* The folder of a path below the root, made where missing, following no link.
 * *name is the last part. */
static int open_folder(const struct relay_files *files, const char *path, const char **name,
                       struct err *err)
{
	char part[BUNDLE_PATH];
	int folder = dup(files->root);

	*name = path;
	for (const char *slash; folder >= 0 && (slash = strchr(*name, '/')) != NULL;) {
		(void)snprintf(part, sizeof part, "%.*s", (int)(slash - *name), *name);
		/* our umask is 077 */
		bool made = mkdirat(folder, part, 0755) == 0
		            && fchmodat(folder, part, 0755, 0) == 0;
		int next = openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next >= 0 && made)
			(void)fsync(folder);
		(void)close(folder);
		folder = next;
		*name = slash + 1;
	}
	if (folder < 0)
		(void)err_errno(err, _("cannot open the folder of %s"), path);
	return folder;
}

/* Is what stands there what we would write? */
static bool same_content(int folder, const char *name, const struct secret *content, bool *same,
                         struct err *err)
{
	struct secret there = { 0 };
	struct stat is;
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	bool ok = false;

	*same = false;
	if (fd < 0)
		return err_errno(err, _("cannot open %s"), name);
	if (fstat(fd, &is) != 0 || !S_ISREG(is.st_mode))
		(void)err_set(err, ERR_REFUSED, _("%s is not a file"), name);
	else if ((size_t)is.st_size != content->size)
		ok = true;
	else if (secret_read(&there, fd, content->size, name, err))
		ok = true, *same = secret_same(&there, content);
	secret_drop(&there);
	(void)close(fd);
	return ok;
}

static bool fill_file(const struct relay_files *files, int fd, const char *path,
                      enum bundle_owner kind, uint32_t mode, const struct secret *content,
                      struct err *err)
{
	const struct relay_owner *owner = &files->owners[kind];
	size_t done = 0;

	/* owner before mode and content: never a moment in which it is wide open */
	if (owner->set && (owner->uid != geteuid() || owner->gid != getegid())
	    && fchown(fd, owner->uid, owner->gid) != 0)
		return err_errno(err, _("cannot give %s to its owner"), path);
	if (fchmod(fd, (mode_t)mode) != 0)
		return err_errno(err, _("cannot write %s"), path);
	while (done < content->size) {
		ssize_t wrote = write(fd, content->bytes + done, content->size - done);
		if (wrote < 0 && errno != EINTR)
			return err_errno(err, _("cannot write %s"), path);
		done += wrote > 0 ? (size_t)wrote : 0;
	}
	return fsync(fd) == 0 || err_errno(err, _("cannot write %s"), path);
}

/* Into its place, unless something is there. */
static bool put_in_place(struct relay_files *files, int folder, const char *temporary,
                         const char *name, const char *path, const struct secret *content,
                         struct err *err)
{
	bool same = false;

	/* link() never replaces, on every filesystem; rename would */
	if (linkat(folder, temporary, folder, name, 0) == 0) {
		files->written++;
		return fsync(folder) == 0
		       || err_errno(err, _("cannot sync the folder of %s"), path);
	}
	if (errno != EEXIST)
		return err_errno(err, _("cannot create %s"), path);
	if (!same_content(folder, name, content, &same, err))
		return false;
	if (same) {
		files->kept++;
		return true;
	}
	(void)err_set(err, ERR_CONFLICT, _("%s is there already, with another content"), path);
	return err_hint(err, _("a generation is installed into a folder of its own; a selector "
	                       "never changes its key"));
}

static bool write_file(struct relay_files *files, const char *path, enum bundle_owner owner,
                       uint32_t mode, const struct secret *content, struct err *err)
{
	const char *name;
	char temporary[64];
	bool ok = false;
	int fd = -1;
	int folder = open_folder(files, path, &name, err);

	if (folder < 0)
		return false;
	(void)snprintf(temporary, sizeof temporary, ".new.%ld.%08x", (long)getpid(),
	               (unsigned)randombytes_random());
	fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		(void)err_errno(err, _("cannot create %s"), path);
		goto out;
	}
	ok = fill_file(files, fd, path, owner, mode, content, err)
	     && put_in_place(files, folder, temporary, name, path, content, err);
out:
	if (fd >= 0) {
		(void)close(fd);
		(void)unlinkat(folder, temporary, 0);
	}
	(void)close(folder);
	return ok;
}

/* ---- what into ---- */

static bool flush_lines(struct relay_files *files, struct err *err)
{
	struct secret content = { 0 };
	bool ok = files->path[0] == '\0'
	          || (secret_copy(&content, files->lines.bytes, files->used, err)
	              && write_file(files, files->path, files->owner, files->mode, &content, err));

	secret_drop(&content);
	if (files->lines.bytes != NULL)
		sodium_memzero(files->lines.bytes, files->lines.size);
	files->used = 0;
	files->path[0] = '\0';
	return ok;
}

static bool room_for(struct relay_files *files, size_t more, struct err *err)
{
	struct secret larger = { 0 };
	size_t size = files->lines.size > 0 ? files->lines.size : LINES_FIRST;

	while (size - files->used < more)
		size *= 2;
	if (size == files->lines.size)
		return true;
	if (size > LINES_MOST)
		return err_set(err, ERR_INPUT, _("%s grows too large"), files->path);
	if (!secret_take(&larger, size, err))
		return false;
	if (files->used > 0)
		memcpy(larger.bytes, files->lines.bytes, files->used);
	secret_move(&files->lines, &larger);
	return true;
}

static bool add_line(struct relay_files *files, const struct bundle_entry *entry, struct err *err)
{
	size_t prefix = strlen(entry->prefix);

	if (strcmp(files->path, entry->path) != 0) {
		if (!flush_lines(files, err))
			return false;
		(void)snprintf(files->path, sizeof files->path, "%s", entry->path);
		files->owner = entry->owner;
		files->mode = entry->mode;
	}
	if (!room_for(files, prefix + entry->content.size + 1, err))
		return false;
	unsigned char *at = files->lines.bytes + files->used;
	memcpy(at, entry->prefix, prefix);
	if (entry->content.size > 0)
		memcpy(at + prefix, entry->content.bytes, entry->content.size);
	at[prefix + entry->content.size] = '\n';
	files->used += prefix + entry->content.size + 1;
	return true;
}

bool relay_files_entry(struct bundle_entry *entry, void *context, struct err *err)
{
	struct relay_files *files = context;
	struct secret text = { 0 };
	bool ok;

	if (entry->format == BUNDLE_LINE)
		return add_line(files, entry, err);
	if (entry->format == BUNDLE_PEM)
		ok = key_file_pem(&entry->content, &text, err);
	else if (entry->format == BUNDLE_RSPAMD)
		ok = key_file_rspamd(&entry->content, &text, err);
	else
		ok = secret_copy(&text, entry->content.bytes, entry->content.size, err);
	ok = ok && write_file(files, entry->path, entry->owner, entry->mode, &text, err);
	secret_drop(&text);
	return ok;
}

bool relay_files_end(struct relay_files *files, struct err *err)
{
	return flush_lines(files, err);
}

void relay_files_drop(struct relay_files *files)
{
	if (files->root > 0)
		(void)close(files->root);
	secret_drop(&files->lines);
	*files = (struct relay_files){ 0 };
}
