#include <string.h>

#include <sodium.h>

#include "core/base/words.h"
#include "keys/hex.h"
#include "keys/identity.h"
#include "keys/operation.h"

/* What is signed begins with this line, so that no notice is ever taken for
 * something else that this key signs: bundles are Ed25519ph, with a head of
 * their own. */
static const char domain[] = "senderctl/notice/v1\n";

enum { NOTICE_MOST = 32768 };

struct notice {
	const struct keyd *keyd;
	const char *text;
	unsigned char signature[crypto_sign_BYTES];
};

static bool sign(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct notice *notice = context;
	const struct vault *vault = &notice->keyd->vault;
	size_t size = sizeof domain - 1 + strlen(notice->text);
	unsigned char *message = arena_take(arena, size + 1);
	struct vault_signer signer;
	struct secret key = { 0 };

	if (!key_store_signer(db, arena, vault, &signer, err)
	    || !vault_open_signer(vault, &signer, &key, err))
		return false;
	memcpy(message, domain, sizeof domain - 1);
	memcpy(message + sizeof domain - 1, notice->text, strlen(notice->text));
	(void)crypto_sign_detached(notice->signature, NULL, message, size, key.bytes);
	secret_drop(&key);
	return true;
}

bool op_notice(struct call *call, struct err *err)
{
	struct notice notice = { .keyd = call->keyd,
		                 .text = tree_find_text(call->question, "text") };
	struct asked asked;
	char hex[2 * crypto_sign_BYTES + 1];
	char key[IDENTITY_TEXT];

	if (notice.text == NULL || strlen(notice.text) > NOTICE_MOST)
		return err_set(err, ERR_INPUT, _("a question to the key service lacks \"%s\""),
		               "text");
	if (!keyd_asked(call, notice.text, &asked, err)
	    || !key_store_run(&call->keyd->store, DB_READ, sign, &notice, err))
		return false;
	hex_render(notice.signature, sizeof notice.signature, hex);
	identity_render_signer(call->keyd->signer, key);
	tree_put_text(call->answer, "signature", hex);
	tree_put_text(call->answer, "signing_key", key);
	return true;
}
