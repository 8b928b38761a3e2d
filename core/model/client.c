#include "core/model/client.h"

#include "core/base/words.h"

static const struct field fields[] = {
	{ "title", FIELD_TEXT, field_label, false, NULL },
	{ "language", FIELD_TEXT, field_choice, true, "de|en" },
	{ "contact", FIELD_TEXT, field_label, true, NULL },
	{ "reply_to", FIELD_ADDRESS, field_address, true, NULL },
	{ "senders", FIELD_NUMBER, NULL, false, NULL },
	{ "uuid", FIELD_TEXT, NULL, false, NULL },
	FIELDS_END,
};

const struct noun client_noun = {
	.word = "client",
	.unknown = N_("there is no such client"),
	.fields = fields,
	.name = { "name", FIELD_TEXT, field_short_name, false, NULL },
	.slashed = true,
	.list = STMT_CLIENT_LIST,
	.add = STMT_CLIENT_ADD,
	.change = STMT_CLIENT_CHANGE,
	.retire = STMT_CLIENT_RETIRE,
	.needed = STMT_CLIENT_NEEDED,
};
