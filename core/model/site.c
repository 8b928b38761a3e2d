#include "core/model/site.h"

#include <string.h>

#include "core/base/words.h"

static const struct field fields[] = {
	{ "url", FIELD_TEXT, field_url, false, NULL },
	{ "audience", FIELD_TEXT, field_label, true, NULL },
	{ "host", FIELD_NAME, NULL, false, NULL },
	FIELDS_END,
};

/* "https://learn.acme.example/" or "learn.acme.example" */
static bool url_or_host(const struct field *field, struct arena *arena, const char *text,
                        const char **made, struct err *err)
{
	return (strstr(text, "://") != NULL ? field_url : field_host)(field, arena, text, made,
	                                                              err);
}

const struct noun site_noun = {
	.word = "site",
	.unknown = N_("there is no such site"),
	.fields = fields,
	.name = { "name", FIELD_TEXT, url_or_host, false, NULL },
	.list = STMT_SITE_LIST,
	.add = STMT_SITE_ADD,
	.change = STMT_SITE_CHANGE,
	.retire = STMT_SITE_RETIRE,
	.needed = STMT_SITE_NEEDED,
};
