#pragma once

/*
 * tls -- encryption with somebody else's server: TLS 1.2 or better, a
 * certificate for the name we asked for, and what both are when they are not.
 *
 * Works on a socket that does not block: a call that would have to wait says
 * for what.  The one door to libssl.
 *
 * Owner:   tls_open/tls_close; texts live in the arena that was passed in.
 * Failure: a state, and a fault of wire_fault.h.
 * Memory:  what strangers sent is made printable and short.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/wire/wire_fault.h"

struct tls;
struct tls_trust;

/* The authorities in a file; NULL: the system's.  Everything is read here, so
 * that a process may lock itself in afterwards. */
bool tls_trust_open(struct tls_trust **trust, const char *ca_file) CHECKED;
void tls_trust_close(struct tls_trust *trust);

enum tls_versions {
	TLS_SAFE,    /* 1.2 or better, the certificate is verified */
	TLS_OUTDATED /* below 1.2, nothing is verified: to see what a server speaks, and
	              * to say nothing to it */
};

/* NULL without memory or without trust.  `host` may be an address. */
struct tls *tls_open(const struct tls_trust *trust, int socket, const char *host,
                     enum tls_versions versions);
void tls_close(struct tls *tls);

enum tls_state { TLS_DONE, TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_ENDED };

enum tls_state tls_shake(struct tls *tls);
enum tls_state tls_read(struct tls *tls, void *bytes, size_t room, size_t *got);
enum tls_state tls_write(struct tls *tls, const void *bytes, size_t size, size_t *put);

struct tls_facts {
	const char *version; /* "TLSv1.3"; NULL: none was agreed on */
	const char *cipher;
	const char *names;   /* the certificate's: "a.example, b.example" */
	const char *issuer;  /* who issued it */
	const char *begins;  /* "2026-01-01" */
	const char *expires; /* "2027-02-01"; NULL: no certificate came */
	long days_left;
};

/* Also after a handshake that failed: what is known of the certificate. */
void tls_look(struct tls *tls, struct arena *arena, struct tls_facts *facts);

/* Why the handshake failed, and the library's or the certificate's word for it. */
enum wire_fault tls_fault(const struct tls *tls, struct arena *arena, const char **said);
