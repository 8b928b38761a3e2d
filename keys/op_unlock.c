#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/operation.h"
#include "keys/secret_line.h"

enum { PASSPHRASE_LIMIT = 1024, FIRST_PAUSE_MS = 1000, PAUSES = 7 /* doubled at most to 64 s */ };

/* Whoever guesses has to wait longer and longer, with however many connections. */
static bool patient_enough(const struct keyd_seal *seal, struct err *err)
{
	int64_t left = seal->patience - clock_ticks();

	return left <= 0
	       || err_set(err, ERR_AGAIN,
	                  _("the last passphrase was wrong; try again in %d seconds"),
	                  (int)((left + 999) / 1000));
}

static void note_wrong(struct keyd_seal *seal)
{
	int doubled = seal->wrong < PAUSES - 1 ? seal->wrong : PAUSES - 1;

	seal->patience = clock_ticks() + ((int64_t)FIRST_PAUSE_MS << doubled);
	seal->wrong++;
}

static bool unseal(struct keyd *keyd, const struct secret *passphrase, struct err *err)
{
	struct err later = { 0 };

	if (!master_files_look(&keyd->masters, err)
	    || !master_files_open(&keyd->masters, passphrase, &keyd->vault, err)) {
		if (err->code == ERR_CRYPTO)
			note_wrong(&keyd->seal);
		return false;
	}
	if (!keyd_setup(keyd, &later) && later.code != ERR_DATABASE) {
		vault_close(&keyd->vault);
		*err = later;
		return false;
	}
	keyd->seal = (struct keyd_seal){ .sealed = false };
	return true;
}

bool op_unlock(struct call *call, struct err *err)
{
	struct keyd *keyd = call->keyd;
	struct secret passphrase = { 0 };

	if (!keyd_owner_only(call, err))
		return false;
	tree_put_bool(call->answer, "changed", keyd->seal.sealed);
	if (!keyd->seal.sealed)
		return true;
	if (!patient_enough(&keyd->seal, err))
		return false;
	if (call->fds->count != 1)
		return err_set(err, ERR_INPUT,
		               _("a question to the key service lacks its descriptor"));
	bool ok = secret_line_read(call->fds->fd[0], _("the passphrase"), PASSPHRASE_LIMIT,
	                           &passphrase, err)
	          && (passphrase.size > 0 || err_set(err, ERR_INPUT, _("the passphrase is empty")))
	          && unseal(keyd, &passphrase, err);
	secret_drop(&passphrase);
	if (ok)
		log_info(call->peer->name, "unlocked the key service");
	return ok;
}
