#include "core/export/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/words.h"
#include "core/export/target.h"
#include "core/export/tool.h"

/* The file behind its first line, for a program that compares; missing is empty. */
static bool without_first_line(const char *path, int *fd, struct err *err)
{
	FILE *in = file_exists(path) ? fopen(path, "re") : NULL;
	char bytes[65536];
	int letter;
	bool ok = true;

	*fd = memfd_create("compare", 0);
	if (*fd < 0)
		ok = err_errno(err, _("cannot make a file in memory"));
	while (ok && in != NULL && (letter = getc(in)) != EOF && letter != '\n')
		continue;
	for (size_t n; ok && in != NULL && (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
		ok = write(*fd, bytes, n) == (ssize_t)n
		     || err_errno(err, _("cannot write a file in memory"));
	if (in != NULL)
		(void)fclose(in);
	return ok;
}

struct counts {
	long long added;
	long long removed;
};

/* diff's own lines begin with a sign; the three head lines of -U0 are left out. */
static void count_lines(const char *path, const char *said, struct text *lines,
                        struct counts *counts)
{
	bool head = false;

	while (*said != '\0') {
		size_t length = strcspn(said, "\n");
		bool ours = (said[0] == '+' && strncmp(said, "+++ ", 4) != 0)
		            || (said[0] == '-' && strncmp(said, "--- ", 4) != 0);
		counts->added += ours && said[0] == '+';
		counts->removed += ours && said[0] == '-';
		if (ours && lines != NULL) {
			if (!head)
				text_addf(lines, "%s\n", path);
			head = true;
			text_add_bytes(lines, said, length);
			text_add_char(lines, '\n');
		}
		said += length + (said[length] == '\n');
	}
}

static bool compare(const char *path, int old, int fresh, struct text *lines, struct counts *counts,
                    struct err *err)
{
	char a[32], b[32];
	struct tool_result result;

	(void)snprintf(a, sizeof a, "/dev/fd/%d", old);
	(void)snprintf(b, sizeof b, "/dev/fd/%d", fresh);
	if (!tool_run((const char *const[]){ "diff", "-U0", a, b, NULL }, -1, -1, &result, err))
		return false;
	if (result.status > 1)
		(void)err_set(err, ERR_SYSTEM, _("diff failed: %s"), text_string(&result.said));
	else
		count_lines(path, text_string(&result.said), lines, counts);
	bool ok = result.status <= 1;
	tool_drop(&result);
	return ok;
}

static bool compare_files(struct arena *arena, const char *old, const char *fresh, const char *path,
                          struct tree *changes, struct text *lines, bool *differs, struct err *err)
{
	const char *was = arena_print(arena, "%s/%s", old, path);
	const char *is = arena_print(arena, "%s/%s", fresh, path);
	struct counts counts = { 0 };
	int a = -1, b = -1;
	bool ok = without_first_line(was, &a, err) && without_first_line(is, &b, err)
	          && compare(path, a, b, lines, &counts, err);

	if (a >= 0)
		(void)close(a);
	if (b >= 0)
		(void)close(b);
	if (!ok)
		return false;
	const char *word = !file_exists(was)                   ? "new"
	                   : !file_exists(is)                  ? "removed"
	                   : counts.added + counts.removed > 0 ? "changed"
	                                                       : "same";
	struct tree *change = tree_map();
	tree_put_text(change, "file", path);
	tree_put_text(change, "change", word);
	tree_put_number(change, "added", counts.added);
	tree_put_number(change, "removed", counts.removed);
	tree_push(changes, change);
	*differs = *differs || strcmp(word, "same") != 0;
	return true;
}

bool plan_compare(struct arena *arena, const char *old, const char *fresh, struct tree **changes,
                  struct text *lines, bool *differs, struct err *err)
{
	*changes = tree_list();
	*differs = false;
	for (const struct target *const *target = targets; *target != NULL; target++)
		for (size_t i = 0; i < (*target)->artifact_count; i++) {
			const char *path = (*target)->artifacts[i].path;
			if (!file_exists(arena_print(arena, "%s/%s", old, path))
			    && !file_exists(arena_print(arena, "%s/%s", fresh, path)))
				continue;
			if (!compare_files(arena, old, fresh, path, *changes, lines, differs, err))
				return false;
		}
	return true;
}
