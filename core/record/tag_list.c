#include "core/record/tag_list.h"

#include <string.h>

#include "core/base/words.h"

/*
 *   tag-list  =  tag-spec *( ";" tag-spec ) [ ";" ]
 *   tag-spec  =  [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
 *   tag-name  =  ALPHA *( ALPHA / DIGIT / "_" )
 *   tag-value =  [ tval *( 1*(WSP / FWS) tval ) ]    tval = 1*( %x21-3A / %x3C-7E )
 */

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool name_character(char c)
{
	return alpha(c) || (c >= '0' && c <= '9') || c == '_';
}

static bool spec_parse(struct arena *arena, const char *text, size_t from, size_t to,
                       struct tag_list *list, struct err *err)
{
	size_t at = from;

	while (at < to && space(text[at]))
		at++;
	size_t name = at;
	while (at < to && name_character(text[at]))
		at++;
	size_t name_end = at;
	while (at < to && space(text[at]))
		at++;
	if (name_end == name || !alpha(text[name]) || at == to || text[at] != '=')
		return err_set(err, ERR_INPUT, _("column %zu: not of the form name=value"),
		               name + 1);
	at++;
	while (at < to && space(text[at]))
		at++;
	while (to > at && space(text[to - 1]))
		to--;
	for (size_t i = at; i < to; i++)
		if (!space(text[i]) && (text[i] < 0x21 || text[i] > 0x7e))
			return err_set(err, ERR_INPUT,
			               _("column %zu: octet 0x%02X may not stand in a value"),
			               i + 1, (unsigned)(unsigned char)text[i]);
	struct tag tag = {
		.name = arena_copy_part(arena, text + name, name_end - name),
		.value = arena_copy_part(arena, text + at, to - at),
		.column = name + 1,
	};
	if (tag_list_find(list, tag.name) != NULL)
		return err_set(err, ERR_INPUT, _("column %zu: tag \"%s\" stands twice"), tag.column,
		               tag.name);
	if (list->count == TAG_LIST_TAGS)
		return err_set(err, ERR_INPUT, _("more than %d tags"), TAG_LIST_TAGS);
	list->tags[list->count++] = tag;
	return true;
}

static bool blank(const char *text, size_t from, size_t to)
{
	while (from < to && space(text[from]))
		from++;
	return from == to;
}

bool tag_list_parse(struct arena *arena, const char *text, size_t length, struct tag_list *list,
                    struct err *err)
{
	size_t from = 0;

	list->count = 0;
	for (;;) {
		const char *end = memchr(text + from, ';', length - from);
		size_t to = end != NULL ? (size_t)(end - text) : length;
		bool last = end == NULL;
		/* Only behind the last ";" may nothing stand. */
		if (last && list->count > 0 && blank(text, from, to))
			return true;
		if (!spec_parse(arena, text, from, to, list, err))
			return false;
		if (last)
			return true;
		from = to + 1;
	}
}

const char *tag_list_find(const struct tag_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->tags[i].name, name) == 0)
			return list->tags[i].value;
	return NULL;
}

bool tag_list_holds(const char *value, const char *word)
{
	size_t wanted = strlen(word);

	for (;;) {
		size_t length = strcspn(value, ":");
		size_t from = 0, to = length;
		while (from < to && space(value[from]))
			from++;
		while (to > from && space(value[to - 1]))
			to--;
		if (to - from == wanted && strncmp(value + from, word, wanted) == 0)
			return true;
		if (value[length] == '\0')
			return false;
		value += length + 1;
	}
}
