#include "keys/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/words.h"

/* What is open, not what the name points to a moment later. */
static bool safe_to_read(int fd, const char *path, mode_t closed, struct err *err)
{
	struct stat is;

	if (fstat(fd, &is) != 0)
		return err_errno(err, _("cannot look at %s"), path);
	if (!S_ISREG(is.st_mode))
		return err_set(err, ERR_REFUSED, _("%s is not a file"), path);
	if (is.st_uid != 0 && is.st_uid != geteuid())
		return err_set(err, ERR_REFUSED, _("%s belongs to somebody else"), path);
	if ((is.st_mode & closed) != 0) {
		(void)err_set(err, ERR_REFUSED, _("%s can be read by others (mode %04o)"), path,
		              (unsigned)(is.st_mode & 07777));
		return err_hint(err, _("chmod 0400 %s, and think about who may have read it"),
		                path);
	}
	return true;
}

static bool read_closed(const char *path, size_t limit, mode_t closed, struct secret *content,
                        struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0) {
		if (errno == ELOOP)
			return err_set(err, ERR_REFUSED, _("%s is a symbolic link"), path);
		(void)err_errno(err, _("cannot open %s"), path);
		if (errno == ENOENT)
			err->code = ERR_NOT_FOUND;
		return false;
	}
	bool ok = safe_to_read(fd, path, closed, err) && secret_read(content, fd, limit, path, err);
	(void)close(fd);
	return ok;
}

bool secret_file_read(const char *path, size_t limit, struct secret *content, struct err *err)
{
	return read_closed(path, limit, 077, content, err);
}

bool secret_file_read_credential(const char *path, size_t limit, struct secret *content,
                                 struct err *err)
{
	return read_closed(path, limit, 037, content, err);
}

bool secret_file_sync_folder(const char *path, struct err *err)
{
	char copy[PATH_MAX];

	(void)snprintf(copy, sizeof copy, "%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, _("cannot open the folder of %s"), path);
	bool ok = fsync(fd) == 0 || err_errno(err, _("cannot sync the folder of %s"), path);
	(void)close(fd);
	return ok;
}

bool secret_file_write(const char *path, mode_t mode, const struct secret *content, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	size_t done = 0;

	if (fd < 0) {
		(void)err_errno(err, _("cannot create %s"), path);
		if (errno == EEXIST)
			err->code = ERR_CONFLICT;
		return false;
	}
	while (done < content->size) {
		ssize_t wrote = write(fd, content->bytes + done, content->size - done);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			break;
		done += (size_t)wrote;
	}
	/* the umask may have been strange */
	bool ok = done == content->size && fchmod(fd, mode) == 0 && fsync(fd) == 0;
	if (!ok)
		(void)err_errno(err, _("cannot write %s"), path);
	if (close(fd) != 0 && ok)
		ok = err_errno(err, _("cannot write %s"), path);
	if (ok)
		ok = secret_file_sync_folder(path, err);
	if (!ok)
		(void)unlink(path);
	return ok;
}
