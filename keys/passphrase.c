#include "keys/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/words.h"

enum { LIMIT = 1024 };

bool passphrase_read(int fd, struct secret *passphrase, struct err *err)
{
	struct secret line = { 0 };

	if (!secret_read(&line, fd, LIMIT, _("the passphrase"), err))
		return false;
	while (line.size > 0 && line.bytes[line.size - 1] == '\n')
		secret_shorten(&line, line.size - 1);
	(void)close(fd);
	if (line.size == 0) {
		secret_drop(&line);
		return err_set(err, ERR_INPUT, _("the passphrase is empty"));
	}
	secret_move(passphrase, &line);
	return true;
}

static int open_terminal(struct err *err)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		(void)err_set(err, ERR_REFUSED, _("there is no terminal to ask on"));
		(void)err_hint(err, _("--passphrase-fd reads the passphrase from a descriptor, "
		                      "--fingerprint says whose request is answered"));
	}
	return fd;
}

static void say(int fd, const char *text)
{
	/* a terminal that went away ends the reading, too */
	if (write(fd, text, strlen(text)) < 0)
		return;
}

/* One line, without its end. */
static bool read_line(int fd, struct secret *line, struct err *err)
{
	struct secret typed = { 0 };
	size_t used = 0;
	ssize_t got = 0;

	if (!secret_take(&typed, LIMIT, err))
		return false;
	while (used < typed.size && (got = read(fd, typed.bytes + used, 1)) == 1
	       && typed.bytes[used] != '\n')
		used++;
	bool ok = got == 1 && used < typed.size && secret_copy(line, typed.bytes, used, err);
	secret_drop(&typed);
	return ok || err_set(err, ERR_INPUT, _("nothing was typed"));
}

static bool ask_once(int fd, const char *prompt, struct secret *line, struct err *err)
{
	struct termios old;
	struct termios quiet;
	bool known = tcgetattr(fd, &old) == 0;

	say(fd, prompt);
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	if (known)
		(void)tcsetattr(fd, TCSAFLUSH, &quiet);
	bool ok = read_line(fd, line, err);
	if (known)
		(void)tcsetattr(fd, TCSAFLUSH, &old);
	say(fd, "\n");
	return ok;
}

bool passphrase_ask(bool twice, struct secret *passphrase, struct err *err)
{
	struct secret again = { 0 };
	int fd = open_terminal(err);

	if (fd < 0)
		return false;
	bool ok = ask_once(fd, _("passphrase: "), passphrase, err);
	if (ok && passphrase->size == 0)
		ok = err_set(err, ERR_INPUT, _("the passphrase is empty"));
	if (ok && twice)
		ok = ask_once(fd, _("once more: "), &again, err)
		     && (secret_same(passphrase, &again)
		         || err_set(err, ERR_INPUT, _("the two passphrases differ")));
	secret_drop(&again);
	(void)close(fd);
	return ok;
}

bool passphrase_confirm(const char *question, struct err *err)
{
	struct secret line = { 0 };
	const char *yes = _("yes");
	int fd = open_terminal(err);

	if (fd < 0)
		return false;
	say(fd, question);
	bool ok = read_line(fd, &line, err)
	          && ((line.size == strlen(yes) && memcmp(line.bytes, yes, line.size) == 0)
	              || err_set(err, ERR_REFUSED, _("not confirmed; nothing was answered")));
	secret_drop(&line);
	(void)close(fd);
	return ok;
}
