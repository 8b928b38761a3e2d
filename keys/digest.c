#include "keys/digest.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct digest {
	crypto_generichash_state state;
};

struct digest *digest_take(void)
{
	struct digest *digest;
	size_t align = _Alignof(struct digest);

	/* libsodium's state wants 64 octets of alignment, which malloc() doesn't promise */
	if (posix_memalign((void **)&digest, align, sizeof *digest) != 0) {
		(void)fputs("senderctl: out of memory\n", stderr);
		exit(3);
	}
	(void)crypto_generichash_init(&digest->state, NULL, 0, DIGEST_BYTES);
	return digest;
}

void digest_add(struct digest *digest, const void *bytes, size_t size)
{
	(void)crypto_generichash_update(&digest->state, bytes, size);
}

void digest_add_text(struct digest *digest, const char *text)
{
	digest_add(digest, text, strlen(text) + 1);
}

void digest_end(struct digest *digest, uint8_t out[static DIGEST_BYTES])
{
	(void)crypto_generichash_final(&digest->state, out, DIGEST_BYTES);
	free(digest);
}

void digest_drop(struct digest *digest)
{
	free(digest);
}
