#include "keys/officer_list.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/words.h"

enum { LIMIT = 65536 };

static bool read_line(struct officer_list *list, char *line, const char *path, int number,
                      struct err *err)
{
	line[strcspn(line, "#\r")] = '\0';
	line += strspn(line, " \t");
	for (size_t end = strlen(line); end > 0 && strchr(" \t", line[end - 1]) != NULL; end--)
		line[end - 1] = '\0';
	if (*line == '\0')
		return true;
	if (strlen(line) != 32 || strspn(line, "abcdefghijklmnopqrstuvwxyz234567-") != 32)
		return err_set(err, ERR_INPUT, _("%s:%d: this is not a fingerprint"), path, number);
	list->fingerprints[list->count++] = line;
	return true;
}

bool officer_list_read(struct officer_list *list, const char *path, struct err *err)
{
	struct stat is;
	char *text = NULL;
	size_t size = 0;
	bool ok = true;

	if (lstat(path, &is) != 0)
		return err_errno(err, _("cannot look at %s"), path);
	if (!S_ISREG(is.st_mode) || (is.st_uid != 0 && is.st_uid != geteuid())
	    || (is.st_mode & 022) != 0)
		return err_set(err, ERR_REFUSED, _("%s can be changed by others"), path);
	if (!file_read(path, LIMIT, &list->arena, &text, &size, err))
		return false;
	list->given = true;
	list->fingerprints = arena_take(&list->arena, (size / 2 + 1) * sizeof *list->fingerprints);
	for (int number = 1; ok && *text != '\0'; number++) {
		char *end = text + strcspn(text, "\n");
		bool more = *end == '\n';
		*end = '\0';
		ok = read_line(list, text, path, number, err);
		text = end + (more ? 1 : 0);
	}
	return ok;
}

bool officer_list_allows(const struct officer_list *list, const char *fingerprint)
{
	bool allowed = !list->given;

	for (size_t i = 0; !allowed && i < list->count; i++)
		allowed = strcmp(list->fingerprints[i], fingerprint) == 0;
	return allowed;
}

void officer_list_drop(struct officer_list *list)
{
	arena_reset(&list->arena);
	*list = (struct officer_list){ 0 };
}
