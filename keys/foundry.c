#include "keys/foundry.h"

#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/clock.h"
#include "core/base/words.h"
#include "keys/cage.h"

enum {
	TRANSPORT = crypto_secretbox_KEYBYTES,
	OVERHEAD = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES,
	PATIENCE_MS = 120 * 1000,
	READ_SECONDS = 10,
};

struct order {
	uint64_t number;
	int32_t kind;
	int32_t bits;
	int32_t quiet;
	unsigned char transport[TRANSPORT];
	uint32_t text_size; /* 0: make one; else read this */
	unsigned char text[KEY_TEXT_MOST];
};

/* What a packet holds of it: only as much text as there is. */
static size_t order_size(const struct order *order)
{
	return offsetof(struct order, text) + order->text_size;
}

static bool read_text(const struct order *order, struct keypair *pair, struct delivery *delivery)
{
	enum keypair_kind kind = KEYPAIR_RSA;
	int bits = 0;

	delivery->fault = (int32_t)key_text_read(order->text, order->text_size, &kind, &bits, pair);
	delivery->kind = (int32_t)kind;
	delivery->bits = bits;
	return delivery->fault == KEY_TEXT_FINE;
}

/* In the child: make one pair, send it, and forget everything by ending. */
static bool cast_one(int socket, const struct order *order)
{
	struct delivery delivery = { .number = order->number };
	struct keypair pair = { 0 };
	struct err err = { 0 };

	const bool reads = order->text_size > 0;

	if (order->quiet != 0)
		(void)setpriority(PRIO_PROCESS, 0, 19);
	/* what somebody else wrote is never read with anything in reach */
	if (!cage_lock(reads ? READ_SECONDS : PATIENCE_MS / 1000) && reads)
		return false;
	bool ok = reads ? read_text(order, &pair, &delivery)
	                : keypair_make((enum keypair_kind)order->kind, order->bits, &pair, &err);
	if (ok && pair.pkcs8.size + OVERHEAD <= sizeof delivery.box) {
		delivery.public_size = (uint32_t)pair.public_size;
		memcpy(delivery.public_key, pair.public_key, pair.public_size);
		randombytes_buf(delivery.box, crypto_secretbox_NONCEBYTES);
		(void)crypto_secretbox_easy(delivery.box + crypto_secretbox_NONCEBYTES,
		                            pair.pkcs8.bytes, pair.pkcs8.size, delivery.box,
		                            order->transport);
		delivery.box_size = (uint32_t)(pair.pkcs8.size + OVERHEAD);
	}
	keypair_drop(&pair);
	return send(socket, &delivery, sizeof delivery, MSG_NOSIGNAL) == (ssize_t)sizeof delivery;
}

/* The process. */
static void work(int socket, const void *context)
{
	struct order order;
	struct err err = { 0 };

	UNUSED(context);
	if (!keypair_setup(&err))
		_exit(1);
	key_text_setup();
	(void)cage_lock_helper(CAGE_NO_FILES); /* on a kernel without: "status" says so */
	for (;;) {
		ssize_t got = recv(socket, &order, sizeof order, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < (ssize_t)offsetof(struct order, text)
		    || order.text_size > sizeof order.text || got != (ssize_t)order_size(&order))
			_exit(0);
		pid_t child = fork();
		if (child == 0)
			_exit(cast_one(socket, &order) ? 0 : 1);
		if (child < 0) {
			const struct delivery failed = { .number = order.number };
			(void)send(socket, &failed, sizeof failed, MSG_NOSIGNAL);
		}
		sodium_memzero(&order, sizeof order);
	}
}

bool foundry_start(struct foundry *foundry, struct err *err)
{
	return helper_start(&foundry->helper, work, NULL, err);
}

void foundry_stop(struct foundry *foundry)
{
	helper_stop(&foundry->helper);
}

static bool send_order(struct foundry *foundry, struct order *order, struct cast *cast,
                       struct err *err)
{
	static uint64_t last;

	order->number = ++last;
	*cast = (struct cast){ .number = order->number, .deadline = clock_ticks() + PATIENCE_MS };
	if (!secret_random(&cast->transport, TRANSPORT, err))
		return false;
	memcpy(order->transport, cast->transport.bytes, TRANSPORT);
	size_t size = order_size(order);
	bool ok = send(foundry->helper.socket, order, size, MSG_NOSIGNAL | MSG_DONTWAIT)
	          == (ssize_t)size;
	sodium_memzero(order, sizeof *order);
	if (ok)
		return true;
	cast_drop(cast);
	return err_errno(err, _("the process that makes keys does not listen"));
}

bool foundry_order(struct foundry *foundry, enum keypair_kind kind, int bits, bool quiet,
                   struct cast *cast, struct err *err)
{
	struct order order = { .kind = (int32_t)kind, .bits = bits, .quiet = quiet };

	return send_order(foundry, &order, cast, err);
}

bool foundry_read(struct foundry *foundry, const struct secret *text, struct cast *cast,
                  struct err *err)
{
	struct order order = { .text_size = (uint32_t)text->size };

	if (text->size == 0 || text->size > sizeof order.text)
		return err_set(err, ERR_INPUT, "%s", key_text_sentence(KEY_TEXT_NO_KEY));
	memcpy(order.text, text->bytes, text->size);
	return send_order(foundry, &order, cast, err);
}

void cast_drop(struct cast *cast)
{
	secret_drop(&cast->transport);
	*cast = (struct cast){ 0 };
}

bool foundry_receive(struct foundry *foundry, struct delivery *delivery, struct err *err)
{
	ssize_t got;

	do
		got = recv(foundry->helper.socket, delivery, sizeof *delivery, 0);
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof *delivery)
		return err_set(err, ERR_SYSTEM, _("the process that makes keys has ended"));
	return true;
}

bool foundry_take(const struct cast *cast, const struct delivery *delivery, struct keypair *pair,
                  struct err *err)
{
	const size_t nonce = crypto_secretbox_NONCEBYTES;

	*pair = (struct keypair){ 0 };
	if (delivery->fault != KEY_TEXT_FINE)
		return err_set(err, ERR_INPUT, "%s",
		               key_text_sentence((enum key_text_fault)delivery->fault));
	if (delivery->box_size < OVERHEAD || delivery->box_size > sizeof delivery->box
	    || delivery->public_size > sizeof pair->public_key)
		return err_set(err, ERR_CRYPTO, _("no key could be made"));
	if (!secret_take(&pair->pkcs8, delivery->box_size - OVERHEAD, err))
		return false;
	if (crypto_secretbox_open_easy(pair->pkcs8.bytes, delivery->box + nonce,
	                               delivery->box_size - nonce, delivery->box,
	                               cast->transport.bytes)
	    != 0) {
		keypair_drop(pair);
		return err_set(err, ERR_CRYPTO, _("a new key was damaged on its way"));
	}
	memcpy(pair->public_key, delivery->public_key, delivery->public_size);
	pair->public_size = delivery->public_size;
	secret_seal(&pair->pkcs8);
	return true;
}
