#include "keys/prover.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/words.h"
#include "keys/cage.h"
#include "keys/key_text.h"

enum { MESSAGE = 64, PATIENCE_MS = 20000 };

/* One packet each way; the order lies in guarded memory on both sides. */
struct order {
	uint32_t kind;
	uint32_t size;
	uint8_t message[MESSAGE];
	uint8_t pkcs8[KEYPAIR_PKCS8];
};

struct proof {
	uint32_t size; /* 0: it did not sign */
	uint8_t signature[SIGNATURE_MOST];
};

static void sign(int socket, const struct order *order)
{
	struct proof proof = { .size = 0 };
	struct secret pkcs8 = { 0 };
	struct err err = { 0 };
	size_t size = 0;

	bool locked = cage_lock(PATIENCE_MS / 1000);
	UNUSED(locked); /* on a kernel without seccomp "status" says so */
	if (order->size <= KEYPAIR_PKCS8 && secret_copy(&pkcs8, order->pkcs8, order->size, &err)
	    && signature_make((enum keypair_kind)order->kind, &pkcs8, order->message, MESSAGE,
	                      proof.signature, &size, &err))
		proof.size = (uint32_t)size;
	secret_drop(&pkcs8);
	(void)send(socket, &proof, sizeof proof, MSG_NOSIGNAL);
}

/* The process. */
static void work(int socket, const void *context)
{
	struct secret order = { 0 };
	struct err err = { 0 };

	UNUSED(context);
	if (!keypair_setup(&err) || !secret_take(&order, sizeof(struct order), &err))
		_exit(1);
	key_text_setup(); /* what OpenSSL reads from files is read before */
	(void)cage_lock_helper(CAGE_NO_FILES);
	for (;;) {
		ssize_t got = recv(socket, order.bytes, order.size, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got != (ssize_t)order.size)
			_exit(0);
		pid_t child = fork();
		if (child == 0) {
			sign(socket, (const struct order *)(void *)order.bytes);
			_exit(0);
		}
		if (child < 0) {
			const struct proof none = { .size = 0 };
			(void)send(socket, &none, sizeof none, MSG_NOSIGNAL);
		}
		sodium_memzero(order.bytes, order.size);
	}
}

bool prover_start(struct prover *prover, struct err *err)
{
	return helper_start(&prover->helper, work, NULL, err);
}

void prover_stop(struct prover *prover)
{
	helper_stop(&prover->helper);
}

/* What an earlier question left behind when nobody waited for it any more. */
static void forget_late(int socket)
{
	struct proof late;

	while (recv(socket, &late, sizeof late, MSG_DONTWAIT) > 0)
		continue;
}

static bool ask(const struct prover *prover, const struct secret *order, struct proof *proof,
                struct err *err)
{
	struct pollfd wait = { .fd = prover->helper.socket, .events = POLLIN };

	forget_late(prover->helper.socket);
	if (send(prover->helper.socket, order->bytes, order->size, MSG_NOSIGNAL)
	            == (ssize_t)order->size
	    && poll(&wait, 1, PATIENCE_MS) == 1
	    && recv(prover->helper.socket, proof, sizeof *proof, 0) == (ssize_t)sizeof *proof)
		return true;
	return err_set(err, ERR_SYSTEM, _("the process that tries keys does not answer"));
}

bool prover_try(const struct prover *prover, enum keypair_kind kind, const struct secret *pkcs8,
                const void *public_key, size_t public_size, struct err *err)
{
	struct secret order = { 0 };
	struct proof proof = { .size = 0 };
	uint8_t message[MESSAGE];
	bool ok = false;

	if (pkcs8->size > KEYPAIR_PKCS8)
		return err_set(err, ERR_CRYPTO, _("this is not a private key"));
	if (!secret_take(&order, sizeof(struct order), err))
		return false;
	struct order *fill = (struct order *)(void *)order.bytes;
	randombytes_buf(message, sizeof message);
	fill->kind = (uint32_t)kind;
	fill->size = (uint32_t)pkcs8->size;
	memcpy(fill->message, message, sizeof message);
	memcpy(fill->pkcs8, pkcs8->bytes, pkcs8->size);
	ok = ask(prover, &order, &proof, err)
	     && ((proof.size > 0 && proof.size <= SIGNATURE_MOST)
	         || err_set(err, ERR_CRYPTO, _("a private key does not sign")))
	     && signature_check(kind, public_key, public_size, message, sizeof message,
	                        proof.signature, proof.size, err);
	secret_drop(&order);
	return ok;
}
