#include "cli/spool.h"

#include <string.h>

#include "core/base/words.h"

bool spool_add(struct spool *spool, const struct tree *item, struct err *err)
{
	struct text line = { 0 };
	bool ok = true;

	if (spool->file == NULL)
		spool->file = tmpfile();
	if (spool->file == NULL)
		return err_errno(err, _("cannot make a file for the answer"));
	text_add(&line, spool->count++ > 0 ? ",\n    " : "\n    ");
	tree_render(item, false, &line);
	ok = fwrite(line.data, 1, line.length, spool->file) == line.length;
	text_free(&line);
	return ok || err_errno(err, _("cannot keep the answer"));
}

static bool copy(struct spool *spool, FILE *out)
{
	char part[65536];
	size_t got = 0;

	if (spool->file == NULL)
		return true;
	if (fflush(spool->file) != 0 || fseek(spool->file, 0, SEEK_SET) != 0)
		return false;
	while ((got = fread(part, 1, sizeof part, spool->file)) > 0)
		if (fwrite(part, 1, got, out) != got)
			return false;
	return ferror(spool->file) == 0;
}

/* The map without the brace that ends it. */
static void render_open(const struct tree *map, struct text *out)
{
	tree_render(map, true, out);
	while (out->length > 0 && out->data[out->length - 1] != '}')
		out->length--;
	out->length--;
	while (out->length > 0 && strchr(" \n", out->data[out->length - 1]) != NULL)
		out->length--;
	out->data[out->length] = '\0';
}

bool spool_print(struct spool *spool, const struct tree *map, const char *name, FILE *out,
                 struct err *err)
{
	struct text head = { 0 };
	bool ok = true;

	render_open(map, &head);
	ok = fprintf(out, "%s%s\n  \"%s\": [", head.data, head.length > 1 ? "," : "", name) > 0
	     && copy(spool, out) && fputs(spool->count > 0 ? "\n  ]\n}\n" : "]\n}\n", out) >= 0;
	text_free(&head);
	return ok || err_errno(err, _("cannot print the answer"));
}

void spool_drop(struct spool *spool)
{
	if (spool->file != NULL)
		(void)fclose(spool->file);
	*spool = (struct spool){ 0 };
}
