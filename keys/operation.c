#include "keys/operation.h"

#include <string.h>

static const struct operation operations[] = {
	{ "status", true, CALL_AT_ONCE, op_status },
	{ "generate", false, CALL_CAST, op_generate },
	{ "destroy", false, CALL_AT_ONCE, op_destroy },
	{ "smarthost-secret", false, CALL_AT_ONCE, op_password },
	{ "probe-login", false, CALL_VISIT, op_login },
	{ "relay-enrol", false, CALL_AT_ONCE, op_enrol },
	{ "bundle", false, CALL_AT_ONCE, op_bundle },
	{ "history-seal", false, CALL_AT_ONCE, op_history },
	{ "notice", false, CALL_AT_ONCE, op_notice },
};

const struct operation *operation_find(const char *name)
{
	for (size_t i = 0; i < LENGTH(operations); i++)
		if (strcmp(operations[i].name, name) == 0)
			return &operations[i];
	return NULL;
}
