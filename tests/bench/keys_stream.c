#include "tests/bench/keys_stream.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* the methods are deprecated, and in every OpenSSL 3 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <openssl/rand.h>
#pragma GCC diagnostic pop
#include <sodium.h>

#include "core/base/attr.h"

struct keys_stream *keys_stream;

static unsigned char key[crypto_stream_chacha20_KEYBYTES];
static uint64_t turn;

static int give(unsigned char *bytes, int size)
{
	unsigned char nonce[crypto_stream_chacha20_NONCEBYTES];

	memcpy(nonce, &turn, sizeof nonce);
	turn++;
	return crypto_stream_chacha20(bytes, (unsigned long long)size, nonce, key) == 0;
}

static int ready(void)
{
	return 1;
}

void keys_stream_begin(void)
{
	uint64_t number = atomic_fetch_add(&keys_stream->next, 1);

	memset(key, 0, sizeof key);
	memcpy(key, &number, sizeof number);
	turn = 0;
}

void keys_stream_setup(void)
{
	static const RAND_METHOD method = { .bytes = give, .pseudorand = give, .status = ready };
	const char *path = getenv("KEYS_STREAM");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	void *map = mmap(NULL, sizeof *keys_stream, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (map == MAP_FAILED)
		return;
	keys_stream = map;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	(void)RAND_set_rand_method(&method);
#pragma GCC diagnostic pop
}
