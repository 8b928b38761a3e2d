#pragma once

/*
 * smtp_talk -- the conversation with a customer's submission server, from its
 * greeting to our QUIT: EHLO, STARTTLS, the certificate, AUTH, then MAIL FROM
 * for each sender with RSET behind it.  DATA only for a test mail that somebody
 * asked for.
 *
 * The same conversation is had with and without a password, in senderctl and
 * in a child of senderkeyd; a password is sent over verified TLS 1.2 or better
 * and in no other way.
 *
 * Owner:   the caller's wire; texts live in the arena that was passed in.
 * Failure: none; a result with a fault.
 * Secrets: borrows the password.  Replies that repeat it, or anything that was
 *          made of it, are not kept.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/wire/smtp_result.h"
#include "core/wire/wire.h"

/* What a password is turned into on its way; as large as the longest line. */
enum { SMTP_TALK_PASSWORD = 1024, SMTP_TALK_LINE = 4096 };

struct smtp_talk_request {
	const char *host; /* the name its certificate must carry */
	bool implicit_tls;
	const char *helo; /* how we introduce ourselves */
	const struct tls_trust *trust;
	enum tls_versions versions; /* TLS_OUTDATED: end after the handshake */
	const char *user;
	const unsigned char *password; /* NULL: no login */
	size_t password_size;
	char *line; /* with a password: SMTP_TALK_LINE octets of guarded memory */
	const char *const *senders;
	size_t sender_count;
	const char *test_to; /* send a test mail there; NULL: no DATA */
};

void smtp_talk_run(struct arena *arena, struct wire *wire, const struct smtp_talk_request *request,
                   struct smtp_result *result);
