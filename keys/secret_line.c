#include "keys/secret_line.h"

#include <poll.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/words.h"

enum { PATIENCE_MS = 1000 };

static bool collect(int fd, const char *what, struct secret *room, size_t *used, struct err *err)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int64_t deadline = clock_ticks() + PATIENCE_MS;
	ssize_t got = 1;

	while (*used < room->size && got > 0) {
		int64_t left = deadline - clock_ticks();
		if (left <= 0 || poll(&wait, 1, (int)left) <= 0)
			return err_set(err, ERR_INPUT, _("%s did not come"), what);
		got = read(fd, room->bytes + *used, room->size - *used);
		*used += got > 0 ? (size_t)got : 0;
		/* a terminal has no end, only lines */
		if (got > 0 && room->bytes[*used - 1] == '\n' && isatty(fd) == 1)
			break;
	}
	return got >= 0 || err_errno(err, _("cannot read %s"), what);
}

bool secret_line_read(int fd, const char *what, size_t limit, struct secret *line, struct err *err)
{
	struct secret room = { 0 };
	size_t used = 0;

	if (!secret_take(&room, limit + 2, err))
		return false;
	bool ok = collect(fd, what, &room, &used, err);
	if (ok && used > 0 && room.bytes[used - 1] == '\n')
		used--;
	if (ok && used > 0 && room.bytes[used - 1] == '\r')
		used--;
	if (ok && used > limit)
		ok = err_set(err, ERR_INPUT, _("%s is longer than %zu bytes"), what, limit);
	ok = ok && secret_copy(line, room.bytes, used, err);
	secret_drop(&room);
	return ok;
}
