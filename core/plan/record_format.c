#include "core/plan/record_format.h"

#include <string.h>

#include "core/base/utf8.h"
#include "core/base/words.h"
#include "core/record/zone_text.h"

/* A comment ends with its line: what others wrote must not begin a new one. */
static void comment(struct text *out, struct arena *arena, const char *text)
{
	text_addf(out, "; %s\n", utf8_plain(arena, text, strlen(text)));
}

static void zone_record(struct text *out, struct arena *arena, const struct requirement *record)
{
	struct text line = { 0 };

	if (record->note != NULL)
		comment(out, arena, record->note);
	if (record->present != NULL) {
		zone_text_line(&line, arena, record->name, record->ttl, record->type,
		               record->present);
		line.data[line.length - 1] = '\0';
		comment(out, arena, arena_print(arena, _("instead of: %s"), text_string(&line)));
		text_clear(&line);
	}
	if (record->value == NULL) {
		comment(out, arena,
		        arena_print(arena, _("%s %s: to be mended first"), record->name,
		                    record->type));
	} else {
		zone_text_line(&line, arena, record->name, record->ttl, record->type,
		               record->value);
		if (record->action == ACTION_DELETE) {
			line.data[line.length - 1] = '\0';
			comment(out, arena,
			        arena_print(arena, _("delete: %s"), text_string(&line)));
		} else {
			text_add(out, text_string(&line));
		}
	}
	text_free(&line);
}

void record_format_zone(struct text *out, struct arena *arena, const struct requirement_list *list)
{
	const char *domain = "";

	for (size_t i = 0; i < list->count; i++) {
		const struct requirement *requirement = &list->items[i];
		if (strcmp(domain, requirement->domain) != 0) {
			domain = requirement->domain;
			text_addf(out, "%s; %s\n", i > 0 ? "\n" : "", domain);
		}
		if (requirement_is_record(requirement))
			zone_record(out, arena, requirement);
		else
			comment(out, arena,
			        arena_print(arena, "%s %s: %s", requirement->type,
			                    requirement->name, requirement->value));
	}
}

static void csv_field(struct text *out, const char *value, bool last)
{
	if (value == NULL)
		value = "";
	text_add_char(out, '"');
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '"')
			text_add_char(out, '"');
		text_add_char(out, *p);
	}
	text_add(out, last ? "\"\r\n" : "\",");
}

void record_format_csv(struct text *out, const struct requirement_list *list)
{
	text_add(out, "domain,name,type,ttl,value,purpose,required,owner,action,present\r\n");
	for (size_t i = 0; i < list->count; i++) {
		const struct requirement *r = &list->items[i];
		csv_field(out, r->domain, false);
		csv_field(out, r->name, false);
		csv_field(out, r->type, false);
		text_addf(out, "%ld,", r->ttl);
		csv_field(out, r->value, false);
		csv_field(out, requirement_purpose(r->purpose), false);
		text_addf(out, "%s,", r->required ? "true" : "false");
		csv_field(out, requirement_owner(r->owner), false);
		csv_field(out, requirement_action(r->action), false);
		csv_field(out, r->present, true);
	}
}
