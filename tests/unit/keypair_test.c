#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sodium.h>

#include "keys/key_file.h"
#include "keys/keypair.h"

/* OpenSSL reads the file we would write, and finds the public half we publish. */
static EVP_PKEY *read_pem(const struct secret *text)
{
	BIO *bio = BIO_new_mem_buf(text->bytes, (int)text->size);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	BIO_free(bio);
	return key;
}

static void rsa_is_what_openssl_says_it_is(void **state)
{
	struct err err = { 0 };
	struct keypair pair = { 0 };
	struct secret pem = { 0 };
	unsigned char *spki = NULL;

	(void)state;
	assert_true(keypair_make(KEYPAIR_RSA, 2048, &pair, &err));
	assert_int_equal(pair.public_size, 294);
	assert_true(key_file_pem(&pair.pkcs8, &pem, &err));
	EVP_PKEY *key = read_pem(&pem);
	assert_non_null(key);
	assert_int_equal(EVP_PKEY_get_bits(key), 2048);
	EVP_PKEY_CTX *check = EVP_PKEY_CTX_new(key, NULL);
	assert_int_equal(EVP_PKEY_check(check), 1);
	int size = i2d_PUBKEY(key, &spki);
	assert_int_equal(size, pair.public_size);
	assert_memory_equal(spki, pair.public_key, pair.public_size);
	OPENSSL_free(spki);
	EVP_PKEY_CTX_free(check);
	EVP_PKEY_free(key);
	secret_drop(&pem);
	keypair_drop(&pair);
}

/* Ed25519: the PEM is byte for byte what openssl pkey would print. */
static void ed25519_is_what_openssl_would_write(void **state)
{
	struct err err = { 0 };
	struct keypair pair = { 0 };
	struct secret pem = { 0 };
	unsigned char raw[32];
	size_t size = sizeof raw;
	char *text = NULL;

	(void)state;
	assert_true(keypair_make(KEYPAIR_ED25519, 0, &pair, &err));
	assert_true(key_file_pem(&pair.pkcs8, &pem, &err));
	EVP_PKEY *key = read_pem(&pem);
	assert_non_null(key);
	assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &size), 1);
	assert_memory_equal(raw, pair.public_key, 32);
	BIO *out = BIO_new(BIO_s_mem());
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
	long length = BIO_get_mem_data(out, &text);
	assert_int_equal(length, pem.size);
	assert_memory_equal(text, pem.bytes, pem.size);
	BIO_free(out);
	EVP_PKEY_free(key);
	secret_drop(&pem);
	keypair_drop(&pair);
}

static void rspamd_gets_one_line_for_ed25519(void **state)
{
	struct err err = { 0 };
	struct keypair pair = { 0 };
	struct secret line = { 0 };
	unsigned char both[80];
	size_t size = 0;

	(void)state;
	assert_true(keypair_make(KEYPAIR_ED25519, 0, &pair, &err));
	assert_true(key_file_rspamd(&pair.pkcs8, &line, &err));
	assert_int_equal(line.bytes[line.size - 1], '\n');
	assert_int_equal(sodium_base642bin(both, sizeof both, (const char *)line.bytes,
	                                   line.size - 1, NULL, &size, NULL,
	                                   sodium_base64_VARIANT_ORIGINAL),
	                 0);
	assert_int_equal(size, 64);
	assert_memory_equal(both, pair.pkcs8.bytes + 16, 32);
	assert_memory_equal(both + 32, pair.public_key, 32);
	secret_drop(&line);
	keypair_drop(&pair);
}

static void weak_sizes_are_refused(void **state)
{
	static const int sizes[] = { 0, 512, 1024, 2047, 8192 };
	struct err err = { 0 };
	struct keypair pair = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(sizes); i++)
		assert_false(keypair_make(KEYPAIR_RSA, sizes[i], &pair, &err));
	assert_null(pair.pkcs8.bytes);
}

/* A sanitizer keeps freed memory for a while, valgrind keeps copies: both on purpose. */
static bool memory_is_watched(void)
{
	const char *preload = getenv("LD_PRELOAD");

#if defined(__SANITIZE_ADDRESS__)
	return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	return true;
#endif
#endif
	return preload != NULL && strstr(preload, "vgpreload") != NULL;
}

/* After a key was made and dropped, nothing of it lies in our memory. */
static size_t find_needle(const unsigned char *needle, size_t size)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	char line[512];
	size_t found = 0;

	assert_non_null(maps);
	assert_true(memory >= 0);
	while (fgets(line, sizeof line, maps) != NULL) {
		char *end = NULL;
		unsigned long from = strtoul(line, &end, 16);
		unsigned long to = strtoul(end + 1, &end, 16);
		if (end[1] != 'r' || end[2] != 'w' || to - from > (256UL << 20))
			continue;
		unsigned char *bytes = malloc(to - from);
		ssize_t got = pread(memory, bytes, to - from, (off_t)from);
		for (ssize_t i = 0; got > (ssize_t)size && i < got - (ssize_t)size; i++)
			if (bytes[i] == needle[0] && memcmp(bytes + i, needle, size) == 0)
				found++;
		if (got > 0)
			memset(bytes, 0, (size_t)got);
		free(bytes);
	}
	(void)fclose(maps);
	(void)close(memory);
	return found;
}

static void nothing_of_a_key_stays_in_memory(void **state)
{
	enum { WINDOW = 32, MASK = 0x5a };
	struct err err = { 0 };
	struct keypair pair = { 0 };
	struct secret pem = { 0 };
	unsigned char masked[WINDOW];
	unsigned char needle[WINDOW];

	(void)state;
	if (memory_is_watched())
		skip();
	assert_true(keypair_make(KEYPAIR_RSA, 2048, &pair, &err));
	/* the middle lies in the private exponent or a prime */
	for (size_t i = 0; i < WINDOW; i++)
		masked[i] = pair.pkcs8.bytes[pair.pkcs8.size / 2 + i] ^ MASK;
	assert_true(key_file_pem(&pair.pkcs8, &pem, &err));
	secret_drop(&pem);
	keypair_drop(&pair);
	for (size_t i = 0; i < WINDOW; i++)
		needle[i] = masked[i] ^ MASK;
	/* our own copy is the positive control */
	assert_int_equal(find_needle(needle, WINDOW), 1);
}

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	return secret_setup(&err) && keypair_setup(&err) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rsa_is_what_openssl_says_it_is),
		cmocka_unit_test(ed25519_is_what_openssl_would_write),
		cmocka_unit_test(rspamd_gets_one_line_for_ed25519),
		cmocka_unit_test(weak_sizes_are_refused),
		cmocka_unit_test(nothing_of_a_key_stays_in_memory),
	};

	return cmocka_run_group_tests_name("keypair", tests, setup, NULL);
}
