#include "keys/secret.h"

#include <errno.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/words.h"

enum { KEPT = 8, KEPT_SIZE = 4096 /* larger ones are rare, and locked memory is not */ };

/* Dropped ones: wiped, not readable and not writable.  The size decides, since
 * the guard stands behind exactly so many bytes. */
static struct secret kept[KEPT];
static size_t oldest;

bool secret_setup(struct err *err)
{
	if (sodium_init() < 0)
		return err_set(err, ERR_CRYPTO, _("libsodium could not be started"));
	return true;
}

bool secret_memory_locks(void)
{
	/* sodium_malloc() ignores a failing mlock (libsodium #1237), so we ask once ourselves */
	unsigned char *page = NULL;
	long size = sysconf(_SC_PAGESIZE);
	bool locks = false;

	if (size <= 0 || posix_memalign((void **)&page, (size_t)size, (size_t)size) != 0)
		return false;
	locks = sodium_mlock(page, (size_t)size) == 0;
	if (locks)
		(void)sodium_munlock(page, (size_t)size);
	free(page);
	return locks;
}

/* NULL: none of this size. */
static unsigned char *take_kept(size_t size)
{
	for (size_t i = 0; i < KEPT; i++) {
		unsigned char *bytes = kept[i].bytes;
		if (bytes == NULL || kept[i].taken != size)
			continue;
		if (sodium_mprotect_readwrite(bytes) != 0)
			return NULL;
		kept[i] = (struct secret){ 0 };
		return bytes;
	}
	return NULL;
}

/* An empty place, or that of the one that waited longest; libsodium looks at
 * its canary when that goes. */
static struct secret *place(void)
{
	for (size_t i = 0; i < KEPT; i++)
		if (kept[i].bytes == NULL)
			return &kept[i];
	struct secret *longest = &kept[oldest];
	oldest = (oldest + 1) % KEPT;
	sodium_free(longest->bytes);
	return longest;
}

/* False: give it back instead. */
static bool keep(const struct secret *secret)
{
	if (secret->bytes == NULL || secret->taken > KEPT_SIZE
	    || sodium_mprotect_readwrite(secret->bytes) != 0)
		return false;
	sodium_memzero(secret->bytes, secret->taken);
	if (sodium_mprotect_noaccess(secret->bytes) != 0)
		return false;
	*place() = *secret;
	return true;
}

bool secret_take(struct secret *secret, size_t size, struct err *err)
{
	const size_t taken = size > 0 ? size : 1;

	secret->bytes = take_kept(taken);
	if (secret->bytes == NULL)
		secret->bytes = sodium_malloc(taken);
	if (secret->bytes == NULL)
		return err_set(err, ERR_CRYPTO, _("no guarded memory for %zu bytes"), size);
	memset(secret->bytes, 0, taken);
	secret->size = size;
	secret->taken = taken;
	return true;
}

bool secret_random(struct secret *secret, size_t size, struct err *err)
{
	if (!secret_take(secret, size, err))
		return false;
	randombytes_buf(secret->bytes, size);
	secret_seal(secret);
	return true;
}

bool secret_copy(struct secret *secret, const void *bytes, size_t size, struct err *err)
{
	if (!secret_take(secret, size, err))
		return false;
	if (size > 0)
		memcpy(secret->bytes, bytes, size);
	return true;
}

bool secret_read(struct secret *secret, int fd, size_t limit, const char *what, struct err *err)
{
	struct secret all = { 0 };
	size_t used = 0;
	bool ok = false;

	/* one byte more than allowed, so that too much is seen and not cut */
	if (!secret_take(&all, limit + 1, err))
		return false;
	while (used < all.size) {
		ssize_t got = read(fd, all.bytes + used, all.size - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			(void)err_errno(err, _("cannot read %s"), what);
			goto out;
		}
		if (got == 0)
			break;
		used += (size_t)got;
	}
	if (used > limit) {
		(void)err_set(err, ERR_INPUT, _("%s is longer than %zu bytes"), what, limit);
		goto out;
	}
	ok = secret_copy(secret, all.bytes, used, err);
out:
	secret_drop(&all);
	return ok;
}

void secret_seal(struct secret *secret)
{
	if (secret->bytes != NULL)
		(void)sodium_mprotect_readonly(secret->bytes);
}

void secret_unseal(struct secret *secret)
{
	if (secret->bytes != NULL)
		(void)sodium_mprotect_readwrite(secret->bytes);
}

void secret_shorten(struct secret *secret, size_t size)
{
	if (size >= secret->size)
		return;
	sodium_memzero(secret->bytes + size, secret->size - size);
	secret->size = size;
}

void secret_move(struct secret *to, struct secret *from)
{
	if (to == from)
		return;
	secret_drop(to);
	*to = *from;
	*from = (struct secret){ 0 };
}

bool secret_same(const struct secret *a, const struct secret *b)
{
	return a->size == b->size
	       && (a->size == 0 || sodium_memcmp(a->bytes, b->bytes, a->size) == 0);
}

void secret_drop(struct secret *secret)
{
	if (!keep(secret))
		sodium_free(secret->bytes); /* wipes; NULL is fine */
	*secret = (struct secret){ 0 };
}
