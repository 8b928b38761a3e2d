#pragma once

/*
 * secret -- bytes that must leave no trace.
 *
 * Guarded memory from libsodium: locked, left out of core dumps, wiped when
 * dropped, a guard page behind the last byte.  This is the only shape in which
 * private key material travels.  There is no way to print one; the type has no
 * text form on purpose.
 *
 * Memory:  to guard a page costs a dozen system calls, so the last few that were
 *          dropped are kept for the next secret of the same size: wiped, and out
 *          of reach until then.  Not for threads.
 * Owner:   whoever declared it; give back with secret_drop().  {0} is empty.
 * Moving:  secret_move() empties the source, so that one owner remains.
 * Failure: ERR_CRYPTO when there is no guarded memory; ERR_SYSTEM from files.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/err.h"

struct secret {
	unsigned char *bytes;
	size_t size;
	size_t taken; /* the size that it was taken with; the guard is behind that */
};

/* Call once before anything else in this room. */
bool secret_setup(struct err *err) CHECKED;

/* Does the kernel really lock our pages?  libsodium would not say. */
bool secret_memory_locks(void);

/* Take `size` writable zero bytes.  The secret must be empty. */
bool secret_take(struct secret *secret, size_t size, struct err *err) CHECKED;

/* Take `size` random bytes, readable only. */
bool secret_random(struct secret *secret, size_t size, struct err *err) CHECKED;

/* A copy of bytes that lie in another guarded place. */
bool secret_copy(struct secret *secret, const void *bytes, size_t size, struct err *err) CHECKED;

/* Everything a descriptor has to say, at most `limit` bytes; more is refused.
 * `what` names it in the error ("the password"). */
bool secret_read(struct secret *secret, int fd, size_t limit, const char *what,
                 struct err *err) CHECKED;

/* From now on reading is allowed and writing ends the process; and back. */
void secret_seal(struct secret *secret);
void secret_unseal(struct secret *secret);

/* Keep the first `size` bytes; the rest is wiped. */
void secret_shorten(struct secret *secret, size_t size);

void secret_move(struct secret *to, struct secret *from);

/* Same content?  In constant time. */
bool secret_same(const struct secret *a, const struct secret *b);

/* Wipe and give back.  An empty secret is fine. */
void secret_drop(struct secret *secret);
