#include "core/handover/sheet_render.h"

#include <string.h>

#include "core/base/words.h"
#include "core/handover/mustache.h"

/* One string constant per template; longer than C17 promises (4095), which
 * every compiler of our list takes. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
static const struct {
	const char *name;
	const char *text;
} templates[] = {
#include "core/handover/template_rows.inc"
};

static const char *const forms[SHEET_FORMS] = {
	[SHEET_TXT] = "txt",
	[SHEET_HTML] = "html",
};

static const char *template_text(void *context, const char *name)
{
	UNUSED(context);
	for (size_t i = 0; i < LENGTH(templates); i++)
		if (strcmp(templates[i].name, name) == 0)
			return templates[i].text;
	return NULL;
}

/* 2026-11-22 as people of that language write it. */
static const char *date_shown(struct arena *arena, const char *date, const char *language)
{
	static const char *const months[] = { "January",   "February", "March",    "April",
		                              "May",       "June",     "July",     "August",
		                              "September", "October",  "November", "December" };
	int month = (date[5] - '0') * 10 + date[6] - '0';

	if (strlen(date) < 10 || month < 1 || month > 12)
		return date;
	if (strcmp(language, "de") == 0)
		return arena_print(arena, "%.2s.%.2s.%.4s", date + 8, date + 5, date);
	return arena_print(arena, "%.2s %s %.4s", date + 8 + (date[8] == '0'), months[month - 1],
	                   date);
}

bool sheet_render(struct arena *arena, const struct sheet_face *face, enum sheet_form form,
                  struct text *out, struct err *err)
{
	const char *name = arena_print(arena, "sheet.%s.%s", face->language, forms[form]);
	struct mustache mustache = {
		.name = name,
		.source = template_text(NULL, name),
		.escape = form == SHEET_HTML ? mustache_escape_html : mustache_escape_text,
		.partial = template_text,
	};
	struct text model = { 0 };
	struct tree *root = tree_map(), *copy = NULL;

	if (mustache.source == NULL) {
		tree_drop(root);
		return err_set(err, ERR_INPUT, _("there is no sheet in the language \"%s\""),
		               face->language);
	}
	/* The model is borrowed and a tree owns what it holds: so it gets a copy. */
	tree_render(face->model, false, &model);
	bool ok = tree_parse(text_string(&model), model.length, &copy, err);
	text_free(&model);
	if (ok) {
		tree_put_number(root, "number", face->number);
		if (face->replaces > 0)
			tree_put_number(root, "replaces", face->replaces);
		tree_put_text(root, "date", date_shown(arena, face->date, face->language));
		tree_put_text(root, "digest", arena_print(arena, "%.12s", face->digest));
		tree_put(root, "model", copy);
		ok = mustache_render(arena, &mustache, root, out, err);
	}
	tree_drop(root);
	return ok;
}

const char *sheet_form_word(enum sheet_form form)
{
	return forms[form];
}
