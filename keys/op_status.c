#include "core/base/clock.h"
#include "core/base/words.h"
#include "keys/identity.h"
#include "keys/operation.h"

enum { ALIVE_MS = 100 };

static bool database_is_there(struct keyd *keyd)
{
	if (keyd->alive_at == 0 || clock_ticks() - keyd->alive_at >= ALIVE_MS) {
		keyd->alive = key_store_alive(&keyd->store);
		keyd->pooled = keyd->alive ? pool_count(keyd) : -1;
		keyd->alive_at = clock_ticks();
	}
	return keyd->alive;
}

bool op_status(struct call *call, struct err *err)
{
	struct keyd *keyd = call->keyd;
	struct tree *answer = call->answer;
	char text[IDENTITY_TEXT];
	char uuid[UUID_TEXT];
	struct err ignored = { 0 };

	UNUSED(err);
	bool alive = database_is_there(keyd);
	if (alive && !keyd->seal.sealed && !keyd->signer_known)
		alive = keyd_setup(keyd, &ignored);
	uuid_render(&keyd->vault.master.id, uuid);
	tree_put_bool(answer, "sealed", keyd->seal.sealed);
	tree_put_text(answer, "version", PACKAGE_VERSION);
	tree_put_bool(answer, "database", alive);
	tree_put_bool(answer, "locked_memory", keyd->locked_memory);
	tree_put_bool(answer, "seccomp", keyd->confinement.seccomp);
	tree_put_number(answer, "landlock", keyd->confinement.landlock);
	tree_put_text(answer, "master", keyd->seal.sealed ? NULL : uuid);
	tree_put_number(answer, "master_version", (long long)keyd->vault.master.version);
	identity_render_signer(keyd->signer, text);
	tree_put_text(answer, "signing_key", keyd->signer_known ? text : NULL);
	tree_put_number(answer, "made", keyd->made);
	tree_put_number(answer, "waiting", keyd->waiting);
	tree_put_number(answer, "pool", keyd->pooled);
	return true;
}
