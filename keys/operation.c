#include "keys/operation.h"

#include <string.h>

static const struct operation operations[] = {
	{ "status", NEEDS_NOTHING, CALL_AT_ONCE, op_status },
	{ "unlock", NEEDS_NOTHING, CALL_AT_ONCE, op_unlock },
	{ "master-status", NEEDS_DATABASE, CALL_AT_ONCE, op_master_status },
	{ "master-rotate", NEEDS_DATABASE, CALL_AT_ONCE, op_master_rotate },
	{ "master-retire", NEEDS_DATABASE, CALL_AT_ONCE, op_master_retire },
	{ "generate", NEEDS_DATABASE, CALL_CAST, op_generate },
	{ "key-import", NEEDS_DATABASE, CALL_CAST, op_import },
	{ "destroy", NEEDS_DATABASE, CALL_AT_ONCE, op_destroy },
	{ "smarthost-secret", NEEDS_DATABASE, CALL_AT_ONCE, op_password },
	{ "probe-login", NEEDS_DATABASE, CALL_VISIT, op_login },
	{ "relay-enrol", NEEDS_DATABASE, CALL_AT_ONCE, op_enrol },
	{ "bundle", NEEDS_DATABASE, CALL_BUNDLE, op_bundle },
	{ "officer-add", NEEDS_DATABASE, CALL_AT_ONCE, op_officer_add },
	{ "officer-confirm", NEEDS_DATABASE, CALL_AT_ONCE, op_officer_confirm },
	{ "officer-retire", NEEDS_DATABASE, CALL_AT_ONCE, op_officer_retire },
	{ "escrow-make", NEEDS_DATABASE, CALL_AT_ONCE, op_escrow_make },
	{ "escrow-verify", NEEDS_DATABASE, CALL_AT_ONCE, op_escrow_verify },
	{ "escrow-reissue", NEEDS_DATABASE, CALL_AT_ONCE, op_escrow_reissue },
	/* also while nothing in the database opens: that is what a recovery is for */
	{ "escrow-ask", NEEDS_MASTER, CALL_AT_ONCE, op_escrow_ask },
	{ "escrow-answer", NEEDS_MASTER, CALL_AT_ONCE, op_escrow_answer },
	{ "history-seal", NEEDS_DATABASE, CALL_AT_ONCE, op_history },
	{ "notice", NEEDS_DATABASE, CALL_AT_ONCE, op_notice },
};

const struct operation *operation_find(const char *name)
{
	for (size_t i = 0; i < LENGTH(operations); i++)
		if (strcmp(operations[i].name, name) == 0)
			return &operations[i];
	return NULL;
}
