#include "core/model/field.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/nearest.h"
#include "core/base/text.h"
#include "core/base/words.h"
#include "core/record/address.h"
#include "core/record/label.h"
#include "core/record/name.h"

/* ---- checks: any spelling in, the registry's spelling out ----------------------- */

bool field_label(const struct field *field, struct arena *arena, const char *text,
                 const char **made, struct err *err)
{
	UNUSED(field);
	return label_parse(arena, text, strlen(text), made, err);
}

bool field_short_name(const struct field *field, struct arena *arena, const char *text,
                      const char **made, struct err *err)
{
	UNUSED(field);
	return label_name(arena, text, strlen(text), made, err);
}

bool field_login(const struct field *field, struct arena *arena, const char *text,
                 const char **made, struct err *err)
{
	UNUSED(field);
	return label_login(arena, text, strlen(text), made, err);
}

bool field_host(const struct field *field, struct arena *arena, const char *text, const char **made,
                struct err *err)
{
	UNUSED(field);
	return name_parse(arena, text, NAME_HOST, made, err);
}

bool field_record(const struct field *field, struct arena *arena, const char *text,
                  const char **made, struct err *err)
{
	UNUSED(field);
	return name_parse(arena, text, NAME_RECORD, made, err);
}

bool field_address(const struct field *field, struct arena *arena, const char *text,
                   const char **made, struct err *err)
{
	struct address address;

	UNUSED(field);
	if (!address_parse(arena, text, &address, err))
		return false;
	*made = address.text;
	return true;
}

bool field_url(const struct field *field, struct arena *arena, const char *text, const char **made,
               struct err *err)
{
	const char *host;

	UNUSED(field);
	return label_url(arena, text, strlen(text), made, &host, err);
}

bool field_choice(const struct field *field, struct arena *arena, const char *text,
                  const char **made, struct err *err)
{
	enum { MOST_CHOICES = 8 };
	const char *choices[MOST_CHOICES];
	size_t count = 0;

	for (const char *p = field->choices; *p != '\0' && count < MOST_CHOICES;) {
		size_t length = strcspn(p, "|");
		choices[count++] = arena_copy_part(arena, p, length);
		p += length + (p[length] == '|');
	}
	for (size_t i = 0; i < count; i++)
		if (strcmp(choices[i], text) == 0) {
			*made = choices[i];
			return true;
		}
	const char *meant = nearest(text, choices, count);
	(void)err_set(err, ERR_INPUT, _("there is no \"%.40s\" here"), text);
	if (meant != NULL)
		return err_hint(err, _("did you mean \"%s\"?"), meant);
	return err_hint(err, _("it is one of %s"), field->choices);
}

bool field_bool(const struct field *field, struct arena *arena, const char *text, const char **made,
                struct err *err)
{
	const struct field yes_no = { .key = field->key, .choices = "yes|no" };

	if (!field_choice(&yes_no, arena, text, made, err))
		return false;
	*made = db_bool((*made)[0] == 'y');
	return true;
}

bool field_number(const struct field *field, struct arena *arena, const char *text,
                  const char **made, struct err *err)
{
	enum { MOST_DIGITS = 9 };
	size_t digits = strspn(text, "0123456789");

	UNUSED(field);
	if (digits == 0 || digits > MOST_DIGITS || text[digits] != '\0')
		return err_set(err, ERR_INPUT, _("\"%.40s\" is not a number"), text);
	*made = arena_copy(arena, text);
	return true;
}

/* "04:00:00", "1 day 02:00:00", "00:00:01.5": as PostgreSQL writes a span. */
static bool is_clock(const char *text)
{
	static const char digits[] = "0123456789";
	size_t days = strspn(text, digits);

	if (days > 0 && days < 7 && strncmp(text + days, " day", 4) == 0) {
		text += days + 4;
		text += *text == 's';
		if (*text++ != ' ')
			return false;
	}
	for (size_t i = 0; i < 3; i++) {
		if (strspn(text, digits) < 2 || (i > 0 && text[0] > '5'))
			return false;
		text += 2;
		if (i < 2 && *text++ != ':')
			return false;
	}
	if (*text == '.')
		text += 1 + strspn(text + 1, digits);
	return *text == '\0';
}

/* One number and one unit; the schema asks for its size.  A month is no span:
 * it is as long as the month in which somebody looks. */
bool field_span(const struct field *field, struct arena *arena, const char *text, const char **made,
                struct err *err)
{
	static const char *const units[] = {
		"s",    "second", "seconds", "min", "minute", "minutes", "h",
		"hour", "hours",  "d",       "day", "days",   "week",    "weeks",
	};
	size_t digits = strspn(text, "0123456789."), blanks = strspn(text + digits, " ");
	const char *unit = text + digits + blanks;
	char *end;

	UNUSED(field);
	if (is_clock(text)) {
		*made = text;
		return true;
	}
	(void)strtod(text, &end);
	for (size_t i = 0; i < LENGTH(units) && digits > 0 && digits < 9 && end == text + digits;
	     i++)
		if (strcmp(unit, units[i]) == 0) {
			*made = arena_print(arena, "%.*s %s", (int)digits, text, unit);
			return true;
		}
	(void)err_set(err, ERR_INPUT, _("\"%.40s\" is not a span of time"), text);
	return err_hint(err, _("90 s, 1 hour, 8 days"));
}

bool field_ready(const struct field *field, struct arena *arena, const char *text,
                 const char **made, struct err *err)
{
	UNUSED(field);
	UNUSED(arena);
	UNUSED(err);
	*made = text;
	return true;
}

/* ---- tables -------------------------------------------------------------------------- */

size_t field_count(const struct field *fields)
{
	size_t count = 0;

	while (fields[count].key != NULL && fields[count].check != NULL)
		count++;
	return count;
}

bool field_check(const struct field *fields, struct arena *arena, const char *const said[],
                 const char *made[], struct err *err)
{
	for (size_t i = 0; i < field_count(fields); i++) {
		made[i] = said[i];
		if (said[i] == NULL)
			continue;
		if (said[i][0] == '\0') {
			if (fields[i].clears)
				continue;
			(void)err_set(err, ERR_INPUT, _("%s cannot be empty"), fields[i].key);
			return false;
		}
		if (!fields[i].check(&fields[i], arena, said[i], &made[i], err))
			return err_within(err, "%s", fields[i].key);
	}
	return true;
}

static struct tree *list_tree(const char *const *items)
{
	struct tree *list = tree_list();

	for (; *items != NULL; items++)
		tree_push_text(list, *items);
	return list;
}

static struct tree *value_tree(const struct field *field, struct arena *arena,
                               const struct row *row, bool people)
{
	const char *text = row_text(row, field->key);

	if (text == NULL)
		return tree_text(NULL);
	switch (field->shape) {
	case FIELD_NUMBER:
		return tree_number(row_number(row, field->key));
	case FIELD_BOOL:
		return tree_bool(row_bool(row, field->key));
	case FIELD_LIST:
		return list_tree(row_list(row, field->key, arena));
	case FIELD_NAME:
		return tree_text(people ? name_show(arena, text) : text);
	case FIELD_ADDRESS:
		return tree_text(people ? address_show(arena, text) : text);
	case FIELD_TEXT:
		break;
	}
	return tree_text(text);
}

void field_put(const struct field *fields, struct arena *arena, const struct row *row, bool people,
               struct tree *map)
{
	for (; fields->key != NULL; fields++)
		tree_put(map, fields->key, value_tree(fields, arena, row, people));
}

static bool same(const struct tree *one, const struct tree *other)
{
	struct text a = { 0 }, b = { 0 };

	tree_render(one, false, &a);
	tree_render(other, false, &b);
	bool equal = strcmp(text_string(&a), text_string(&b)) == 0;
	text_free(&a);
	text_free(&b);
	return equal;
}

struct tree *field_difference(const struct field *fields, const struct tree *before,
                              const struct tree *after)
{
	struct tree *difference = tree_map();

	for (; fields->key != NULL && fields->check != NULL; fields++) {
		const struct tree *from = tree_get(before, fields->key);
		const struct tree *to = tree_get(after, fields->key);
		if (same(from, to))
			continue;
		struct tree *both = tree_map();
		tree_put(both, "from", tree_copy(from));
		tree_put(both, "to", tree_copy(to));
		tree_put(difference, fields->key, both);
	}
	return difference;
}
