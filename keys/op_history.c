#include "core/base/words.h"
#include "keys/chain.h"
#include "keys/operation.h"

/* Link and seal what happened up to now, before somebody verifies it. */
bool op_history(struct call *call, struct err *err)
{
	struct asked asked;
	long long linked = 0;

	if (!keyd_asked(call, "", &asked, err) || !chain_seal(call->keyd, &linked, err))
		return false;
	tree_put_number(call->answer, "linked", linked);
	keyd_put_bytes(call->answer, "signer", call->keyd->signer, sizeof call->keyd->signer);
	return true;
}
