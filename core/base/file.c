#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/words.h"

/* A full disk is the one fault that the reader can mend at once. */
static bool fault(struct err *err, const char *what, const char *path)
{
	int number = errno;

	(void)err_errno(err, "%s %s", what, path);
	if (number == ENOSPC || number == EDQUOT)
		return err_hint(err,
		                _("the disk is full: make room and run the same command again; "
		                  "nothing was changed"));
	if (number == EACCES || number == EPERM)
		return err_hint(err, _("this user may not do that there"));
	return false;
}

static bool read_all(int fd, char *bytes, size_t size, size_t *got)
{
	*got = 0;
	while (*got < size) {
		ssize_t n = read(fd, bytes + *got, size - *got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return true;
}

bool file_read(const char *path, size_t limit, struct arena *arena, char **bytes, size_t *size,
               struct err *err)
{
	struct stat about;
	bool ok = false;
	/* O_NONBLOCK: opening a FIFO must not wait for somebody to write to it. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(err, ERR_NOT_FOUND, _("there is no file %s"), path);
	if (fd < 0)
		return fault(err, _("cannot read"), path);
	if (fstat(fd, &about) != 0) {
		(void)fault(err, _("cannot read"), path);
		goto out;
	}
	if (!S_ISREG(about.st_mode)) {
		(void)err_set(err, ERR_INPUT, _("%s is not a regular file"), path);
		goto out;
	}
	if (about.st_size < 0 || (size_t)about.st_size > limit) {
		(void)err_set(err, ERR_INPUT, _("%s is larger than %zu bytes"), path, limit);
		goto out;
	}
	*bytes = arena_take(arena, (size_t)about.st_size + 1);
	if (!read_all(fd, *bytes, (size_t)about.st_size, size)) {
		(void)fault(err, _("cannot read"), path);
		goto out;
	}
	ok = true;
out:
	(void)close(fd);
	return ok;
}

static char *joined(const char *a, const char *b)
{
	char *made = NULL;

	if (asprintf(&made, "%s%s", a, b) < 0) {
		(void)fputs("senderctl: out of memory\n", stderr);
		exit(3);
	}
	return made;
}

bool file_new_open(struct file_new *file, const char *path, mode_t mode, struct err *err)
{
	*file = (struct file_new){ .path = joined(path, ""), .temporary = joined(path, ".XXXXXX") };
	file->fd = mkostemp(file->temporary, O_CLOEXEC);
	if (file->fd < 0) {
		(void)fault(err, _("cannot write"), path);
		free(file->path);
		free(file->temporary);
		*file = (struct file_new){ 0 };
		return false;
	}
	/* mkostemp() made it 0600; the wished mode is given while it is empty. */
	if (fchmod(file->fd, mode) != 0) {
		(void)fault(err, _("cannot write"), path);
		file_new_drop(file);
		return false;
	}
	return true;
}

bool file_new_add(struct file_new *file, const void *bytes, size_t size, struct err *err)
{
	const char *from = bytes;

	while (size > 0) {
		ssize_t n = write(file->fd, from, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault(err, _("cannot write"), file->path);
		from += n;
		size -= (size_t)n;
	}
	return true;
}

/* After a power cut the new name must be there as well as the bytes. */
static bool sync_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = joined(slash != NULL ? path : ".", "");

	if (slash != NULL)
		folder[slash == path ? 1 : slash - path] = '\0';
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		(void)close(fd);
	free(folder);
	return ok;
}

bool file_new_commit(struct file_new *file, struct err *err)
{
	bool ok = fsync(file->fd) == 0;

	ok = close(file->fd) == 0 && ok;
	file->fd = 0;
	if (!ok || rename(file->temporary, file->path) != 0) {
		(void)fault(err, _("cannot write"), file->path);
		file_new_drop(file);
		return false;
	}
	ok = sync_folder_of(file->path) || fault(err, _("cannot write"), file->path);
	free(file->path);
	free(file->temporary);
	*file = (struct file_new){ 0 };
	return ok;
}

void file_new_drop(struct file_new *file)
{
	if (file->fd > 0)
		(void)close(file->fd);
	if (file->temporary != NULL)
		(void)unlink(file->temporary);
	free(file->path);
	free(file->temporary);
	*file = (struct file_new){ 0 };
}

bool file_write(const char *path, mode_t mode, const void *bytes, size_t size, struct err *err)
{
	struct file_new file = { 0 };
	bool ok = file_new_open(&file, path, mode, err) && file_new_add(&file, bytes, size, err)
	          && file_new_commit(&file, err);

	file_new_drop(&file);
	return ok;
}

/* One folder of the way; a missing one is made. */
static bool step(const char *path, mode_t mode, struct err *err)
{
	struct stat about;

	if (mkdir(path, 0700) == 0)
		return chmod(path, mode) == 0 || fault(err, _("cannot make the folder"), path);
	if (errno != EEXIST)
		return fault(err, _("cannot make the folder"), path);
	if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
		return true;
	return err_set(err, ERR_INPUT, _("%s is there and is not a folder"), path);
}

bool file_folder(const char *path, mode_t mode, struct err *err)
{
	char *way = joined(path, "");
	size_t length = strlen(way);
	bool ok = true;

	while (length > 1 && way[length - 1] == '/')
		way[--length] = '\0';
	for (char *p = way + 1; ok && *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		ok = step(way, 0755, err);
		*p = '/';
	}
	ok = ok && step(way, mode, err);
	free(way);
	return ok;
}

bool file_exists(const char *path)
{
	struct stat about;

	return lstat(path, &about) == 0;
}
