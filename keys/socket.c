#include "keys/socket.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/words.h"

enum { WAITING = 128 }; /* who connects at once is let in one after the other */

/* A path that may be ours to take: what a killed service left behind goes, a
 * living one stays. */
static bool bind_to(int fd, const char *path, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct sockaddr *name = (const struct sockaddr *)&address;
	struct stat is;

	if (strlen(path) >= sizeof address.sun_path)
		return err_set(err, ERR_USAGE, _("the name of the socket is too long: %s"), path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (connect(fd, name, sizeof address) == 0)
		return err_set(err, ERR_CONFLICT, _("another key service answers at %s"), path);
	if (errno == ECONNREFUSED && lstat(path, &is) == 0 && S_ISSOCK(is.st_mode))
		(void)unlink(path);
	mode_t old = umask(0117);
	int bound = bind(fd, name, sizeof address);
	(void)umask(old);
	if (bound != 0 || listen(fd, WAITING) != 0)
		return err_errno(err, _("cannot listen at %s"), path);
	return true;
}

static bool give_to_group(const char *path, const char *group_name, struct err *err)
{
	const struct group *group;

	if (group_name == NULL)
		return true;
	group = getgrnam(group_name);
	if (group == NULL)
		return err_set(err, ERR_USAGE, _("there is no group \"%s\""), group_name);
	if (chown(path, (uid_t)-1, group->gr_gid) != 0)
		return err_errno(err, _("cannot give %s to its group"), path);
	return true;
}

bool socket_listen(const char *path, const char *group, int *listening, struct err *err)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return err_errno(err, _("cannot make a socket"));
	if (!bind_to(fd, path, err)) {
		(void)close(fd);
		return false;
	}
	*listening = fd;
	return give_to_group(path, group, err);
}
