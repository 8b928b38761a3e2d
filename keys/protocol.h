#pragma once

/*
 * protocol -- how senderkeyd and its callers speak.
 *
 * One SOCK_SEQPACKET Unix socket; one packet is one JSON document of at most
 * 64 KiB, with up to two descriptors beside it.  A question names its
 * operation and carries a number; the answer carries the same number, so that
 * several may be under way on one connection:
 *
 *	question = {"op":WORD, "n":NUMBER, "lang":"de|en", ...}
 *	answer   = {"n":NUMBER, "ok":true, ...}
 *	         | {"n":NUMBER, "ok":false, "error":{"code","message","hint"}}
 *
 * Large things (manifests, bundles, passwords) never travel in a packet: the
 * caller hands over a descriptor.
 *
 * Owner:   received trees and descriptors belong to the caller.
 * Failure: ERR_KEYS when the other side is gone or talks nonsense.
 * Secrets: none; that is the point.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"

enum { PROTOCOL_PACKET = 65536, PROTOCOL_FDS = 2, PROTOCOL_VERSION = 1 };

struct protocol_fds {
	int fd[PROTOCOL_FDS];
	size_t count;
};

/* `fds` may be NULL.  Descriptors stay the sender's.  With `patient` false a
 * receiver that does not read is an error, not a reason to wait. */
bool protocol_send(int socket, const struct tree *message, const struct protocol_fds *fds,
                   bool patient, struct err *err) CHECKED;

/* *message is NULL at the end of the conversation. */
bool protocol_receive(int socket, struct tree **message, struct protocol_fds *fds,
                      struct err *err) CHECKED;

/* Close what was received and not taken out (set to -1). */
void protocol_close_fds(struct protocol_fds *fds);

/* The error of an answer, and back. */
struct tree *protocol_error(const struct err *err);
bool protocol_failed(const struct tree *answer, struct err *err);
