#include "core/model/smarthost.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/words.h"
#include "core/record/name.h"

static const struct field fields[] = {
	{ "port", FIELD_NUMBER, field_number, false, NULL },
	{ "tls", FIELD_TEXT, field_choice, false, "starttls|implicit" },
	{ "auth_user", FIELD_TEXT, field_login, false, NULL },
	{ "ca", FIELD_TEXT, field_short_name, true, NULL },
	{ "host", FIELD_NAME, NULL, false, NULL },
	{ "password", FIELD_BOOL, NULL, false, NULL },
	{ "domains", FIELD_LIST, NULL, false, NULL },
	{ "uuid", FIELD_TEXT, NULL, false, NULL },
	FIELDS_END,
};

static bool host_and_port(const struct field *field, struct arena *arena, const char *text,
                          const char **made, struct err *err)
{
	const char *colon = strchr(text, ':');
	const char *host;

	if (colon == NULL)
		return field_host(field, arena, text, made, err);
	if (!name_parse_part(arena, text, (size_t)(colon - text), NAME_HOST, 1, &host, err))
		return false;
	size_t digits = strspn(colon + 1, "0123456789");
	long port = digits > 0 && digits < 6 && colon[1 + digits] == '\0'
	                    ? strtol(colon + 1, NULL, 10)
	                    : 0;
	if (port < 1 || port > 65535)
		return err_set(err, ERR_INPUT, _("a port is a number from 1 to 65535"));
	*made = arena_print(arena, "%s:%ld", host, port);
	return true;
}

const struct noun smarthost_noun = {
	.word = "smarthost",
	.unknown = N_("there is no such smarthost"),
	.fields = fields,
	.name = { "name", FIELD_TEXT, host_and_port, false, NULL },
	.list = STMT_SMARTHOST_LIST,
	.add = STMT_SMARTHOST_ADD,
	.change = STMT_SMARTHOST_CHANGE,
	.retire = STMT_SMARTHOST_RETIRE,
	.needed = STMT_SMARTHOST_NEEDED,
};
