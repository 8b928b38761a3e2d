#include "core/model/login.h"

#include "core/base/words.h"

static const struct field fields[] = {
	{ "senders", FIELD_LIST, NULL, false, NULL },
	FIELDS_END,
};

const struct noun login_noun = {
	.word = "login",
	.unknown = N_("there is no such login"),
	.fields = fields,
	.name = { "name", FIELD_TEXT, field_login, false, NULL },
	.list = STMT_LOGIN_LIST,
	.add = STMT_LOGIN_ADD,
	.retire = STMT_LOGIN_RETIRE,
	.needed = STMT_LOGIN_NEEDED,
};
