#pragma once

/*
 * wire -- a connection to somebody else's server: never blocks for longer than
 * it was given, never reads more than a conversation needs.
 *
 * Owner:   the caller's struct; wire_close() gives back what it holds.
 * Failure: false, and wire->fault says which.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/wire/tls.h"

enum {
	WIRE_LINE = 2048,   /* RFC 5321 4.5.3.1.5 says 512; some say more */
	WIRE_OCTETS = 65536 /* of one conversation */
};

struct wire {
	int socket;
	struct tls *tls; /* NULL while we speak in clear */
	int64_t deadline;
	size_t heard; /* octets so far */
	size_t filled;
	char buffer[WIRE_LINE];
	enum wire_fault fault;
};

/* Connect; `patience` (milliseconds) is for the connection alone. */
bool wire_connect(struct wire *wire, const char *address, int port, int patience) CHECKED;

/* Speak over a socket that is connected; it is closed with the wire. */
void wire_adopt(struct wire *wire, int socket);

/* From now on there are this many milliseconds left. */
void wire_hurry(struct wire *wire, int timeout);

/* One line without its end.  Octets of value 0 become "?". */
bool wire_read_line(struct wire *wire, char line[static WIRE_LINE]) CHECKED;
bool wire_write(struct wire *wire, const void *bytes, size_t size) CHECKED;

/* Begin encryption; a false answer leaves details in wire->tls. */
bool wire_shake(struct wire *wire, const struct tls_trust *trust, const char *host,
                enum tls_versions versions) CHECKED;

void wire_close(struct wire *wire);

/* An address that nobody outside can reach: RFC 1918, RFC 6598 (CGNAT), RFC
 * 3927 and 4291 (link-local), RFC 4193 (ULA). */
bool wire_is_private(const char *address);
