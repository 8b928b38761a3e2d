#include <string.h>

#include "core/export/target.h"

extern const struct target target_postfix;
extern const struct target target_opendkim_rsa;
extern const struct target target_opendkim_ed25519;

const struct target *const targets[] = {
	&target_postfix,
	&target_opendkim_rsa,
	&target_opendkim_ed25519,
	NULL,
};

const struct artifact *target_artifact_find(const char *path)
{
	for (const struct target *const *target = targets; *target != NULL; target++)
		for (size_t i = 0; i < (*target)->artifact_count; i++)
			if (strcmp((*target)->artifacts[i].path, path) == 0)
				return &(*target)->artifacts[i];
	return NULL;
}

void target_folder(const struct view *view, struct text *out)
{
	text_addf(out, "%s/g%08lld", view->root, view->number);
}

void target_current(const struct view *view, struct text *out)
{
	text_addf(out, "%s/current", view->root);
}

bool target_template(const struct view *view, const char *template, struct outlet *out,
                     struct err *err)
{
	struct text *text = &out->text;

	for (const char *p = template; *p != '\0';) {
		const char *at = strchr(p, '@');
		size_t length = at != NULL ? (size_t)(at - p) : strlen(p);

		text_add_bytes(text, p, length);
		p += length;
		if (strncmp(p, "@ROOT@", 6) == 0) {
			text_add(text, view->root);
			p += 6;
		} else if (strncmp(p, "@CURRENT@", 9) == 0) {
			target_current(view, text);
			p += 9;
		} else if (strncmp(p, "@FOLDER@", 8) == 0) {
			target_folder(view, text);
			p += 8;
		} else if (strncmp(p, "@RELAY@", 7) == 0) {
			text_add(text, view->relay->full_name);
			p += 7;
		} else if (*p == '@') {
			text_add_char(text, *p++);
		}
	}
	return outlet_row(out, err);
}

bool target_key_file(const struct serving_key *key, const char *format, struct outlet *out,
                     struct err *err)
{
	text_add(&out->text, "key\t");
	if (!outlet_word(out, WORD_UUID, key->uuid, err))
		return false;
	text_add(&out->text, "\tkeys/");
	if (!outlet_word(out, WORD_DOMAIN, key->domain, err))
		return false;
	text_add(&out->text, "/");
	if (!outlet_word(out, WORD_SELECTOR, key->selector, err))
		return false;
	text_addf(&out->text, ".pem\t%s\tsigner\t0600\n", format);
	return outlet_row(out, err);
}
