/*
 * keys_raw -- what the key service is compared with, and what its pool is filled with.
 *
 *	keys_raw METHOD COUNT PROCESSES          evp: EVP_RSA_gen alone; bn: keypair_bn.h with all
 *	                                         its checks; classic: BN_generate_prime_ex with the
 *	                                         same checks.  Prints JSON.
 *	keys_raw pool MASTER-KEY PROVIDER-UUID COUNT
 *	                                         first a key of the kind "pool": uuid, mk_uuid,
 *	                                         mk_version, sealed; then keys that wait: uuid,
 *	                                         public_key, sealed.  Fields are separated by TAB.
 *
 * Keys of "pool" share primes with each other, so that a thousand of them take
 * seconds: they are good for measuring and for nothing else.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>

#include "keys/keypair_bn.h"
#include "keys/keypair_openssl.h"
#include "keys/master_files.h"
#include "tests/bench/keys_stream.h"

enum { BITS = 2048, ID = 16, MOST = 10000 };

/* ---- bare keys ---- */

static EVP_PKEY *make_classic(void)
{
	BIGNUM *p = BN_secure_new(), *q = BN_secure_new();
	EVP_PKEY *key = NULL;
	struct err err = { 0 };

	do {
		EVP_PKEY_free(key);
		key = NULL;
	} while (BN_generate_prime_ex(p, BITS / 2, 0, NULL, NULL, NULL) != 1
	         || BN_generate_prime_ex(q, BITS / 2, 0, NULL, NULL, NULL) != 1
	         || !keypair_bn_join(p, q, BITS, &key, &err) || !keypair_bn_whole(key));
	BN_clear_free(p);
	BN_clear_free(q);
	return key;
}

static EVP_PKEY *make_one(const char *method)
{
	struct err err = { 0 };
	EVP_PKEY *key = NULL;

	if (strcmp(method, "classic") == 0)
		return make_classic();
	if (strcmp(method, "evp") == 0)
		return EVP_RSA_gen(BITS);
	return keypair_bn_make(BITS, &key, &err) ? key : NULL;
}

/* What all workers share: how many were begun, and a few bytes of each modulus. */
struct results {
	_Atomic long begun;
	unsigned char ids[MOST][ID];
};

static int work(const char *method, long count, struct results *results)
{
	unsigned char spki[600];

	for (;;) {
		long i = atomic_fetch_add(&results->begun, 1);
		if (i >= count)
			return 0;
		if (keys_stream != NULL)
			keys_stream_begin();
		EVP_PKEY *key = make_one(method);
		unsigned char *at = spki;
		if (key == NULL || i2d_PUBKEY(key, &at) < 100)
			return 1;
		memcpy(results->ids[i], spki + 40, ID);
		EVP_PKEY_free(key);
	}
}

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static int raw(const char *method, long count, int processes)
{
	struct results *results = mmap(NULL, sizeof *results, PROT_READ | PROT_WRITE,
	                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct timespec from, to;
	struct rusage usage;
	int status = 0, failed = 0;

	if (results == MAP_FAILED || count > MOST)
		return 2;
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < processes; i++)
		if (fork() == 0)
			_exit(work(method, count, results));
	while (wait(&status) > 0)
		failed |= status;
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	(void)getrusage(RUSAGE_CHILDREN, &usage);
	(void)printf("{\"wall\": %.6f, \"cpu\": %.6f, \"keys\": [",
	             (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9,
	             seconds(&usage.ru_utime) + seconds(&usage.ru_stime));
	for (long i = 0; i < count; i++) {
		char hex[2 * ID + 1];
		(void)printf("%s\"%s\"", i > 0 ? "," : "",
		             sodium_bin2hex(hex, sizeof hex, results->ids[i], ID));
	}
	(void)puts("]}");
	return failed != 0;
}

/* ---- a pool ---- */

static void print_hex(const unsigned char *bytes, size_t size, const char *end)
{
	char hex[8192];

	(void)fputs(sodium_bin2hex(hex, sizeof hex, bytes, size), stdout);
	(void)fputs(end, stdout);
}

static bool print_waiting(const struct vault *vault, const struct vault_kek *kek, EVP_PKEY *key,
                          struct err *err)
{
	struct keypair pair = { 0 };
	struct arena arena = { 0 };
	struct sealed sealed;
	char id[UUID_TEXT];

	bool ok = keypair_from_rsa(key, &pair, err);
	struct vault_pool_key name = { .provider = kek->provider,
		                       .key = uuid_make(),
		                       .public_key = pair.public_key,
		                       .public_size = pair.public_size };
	ok = ok && vault_seal_pool_key(vault, kek, &name, &pair.pkcs8, &arena, &sealed, err);
	if (ok) {
		uuid_render(&name.key, id);
		(void)printf("%s\t", id);
		print_hex(pair.public_key, pair.public_size, "\t");
		print_hex(sealed.bytes, sealed.size, "\n");
	}
	keypair_drop(&pair);
	arena_reset(&arena);
	return ok;
}

static bool print_kek(const struct vault_kek *kek)
{
	char id[UUID_TEXT], master[UUID_TEXT];

	uuid_render(&kek->id, id);
	uuid_render(&kek->master, master);
	(void)printf("%s\t%s\t%u\t", id, master, (unsigned)kek->master_version);
	print_hex(kek->sealed.bytes, kek->sealed.size, "\n");
	return true;
}

/* Each of one half of the primes with each of the other. */
static bool pool(const struct vault *vault, const struct uuid *provider, long count,
                 struct err *err)
{
	enum { PRIMES = 200 };
	BIGNUM *primes[PRIMES] = { 0 };
	struct arena arena = { 0 };
	struct vault_kek kek;
	size_t half = 1;

	while (half * half < (size_t)count)
		half++;
	bool ok = 2 * half <= PRIMES && vault_make_kek(vault, provider, "pool", &arena, &kek, err)
	          && print_kek(&kek);
	for (size_t i = 0; ok && i < 2 * half; i++) {
		primes[i] = BN_new();
		do
			ok = BN_generate_prime_ex(primes[i], BITS / 2, 0, NULL, NULL, NULL) == 1;
		while (ok && !keypair_bn_prime_fits(primes[i], BITS));
	}
	for (size_t i = 0; ok && i < (size_t)count; i++) {
		EVP_PKEY *key = NULL;
		ok = keypair_bn_join(primes[i / half], primes[half + i % half], BITS, &key, err)
		     && print_waiting(vault, &kek, key, err);
		EVP_PKEY_free(key);
	}
	for (size_t i = 0; i < PRIMES; i++)
		BN_clear_free(primes[i]);
	arena_reset(&arena);
	return ok;
}

static bool fill(char **argv, struct err *err)
{
	struct master_files files;
	struct vault vault = { .former_count = 0 };
	struct uuid provider;

	bool ok = uuid_parse(argv[3], &provider, err) && master_files_place(&files, argv[2], err)
	          && master_files_look(&files, err) && master_files_open(&files, NULL, &vault, err)
	          && pool(&vault, &provider, strtol(argv[4], NULL, 10), err);
	vault_close(&vault);
	return ok;
}

int main(int argc, char **argv)
{
	struct err err = { 0 };

	if (!secret_setup(&err) || !keypair_setup(&err))
		return 2;
	if (argc == 5 && strcmp(argv[1], "pool") == 0 && fill(argv, &err))
		return 0;
	if (argc == 4) {
		keys_stream_setup();
		return raw(argv[1], strtol(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10));
	}
	(void)fprintf(stderr, "keys_raw: %s\n", err.text);
	return 2;
}
