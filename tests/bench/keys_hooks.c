/*
 * keys_hooks -- senderkeyd as it is, and what its keys cost: linked around the
 * real program (-Wl,--wrap), for benchmarks only.
 *
 * With $KEYS_STREAM each key has a random stream with a number, its search is
 * timed, and processes that made one are waited for, so that the kernel says
 * what they took in all.
 */

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include <openssl/evp.h>

#include "tests/bench/keys_stream.h"

EVP_PKEY *__real_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *query, const char *type, ...);
EVP_PKEY *__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *query, const char *type, ...);
void (*__real_signal(int number, void (*handler)(int)))(int);
void (*__wrap_signal(int number, void (*handler)(int)))(int);

static uint64_t processor_time(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* What EVP_RSA_gen() is a name of. */
EVP_PKEY *__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *query, const char *type, ...)
{
	va_list rest;

	va_start(rest, type);
	size_t bits = va_arg(rest, size_t);
	va_end(rest);
	if (keys_stream != NULL)
		keys_stream_begin();
	uint64_t before = processor_time();
	EVP_PKEY *key = __real_EVP_PKEY_Q_keygen(library, query, type, bits);
	if (keys_stream != NULL)
		(void)atomic_fetch_add(&keys_stream->search, processor_time() - before);
	return key;
}

static void reap(int number)
{
	struct rusage usage;
	int status, saved = errno;

	(void)number;
	while (wait4(-1, &status, WNOHANG, &usage) > 0) {
		uint64_t micro = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
		                         * 1000000U
		                 + (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
		(void)atomic_fetch_add(&keys_stream->cast, micro * 1000U);
	}
	errno = saved;
}

/* Children that nobody waits for leave no account. */
void (*__wrap_signal(int number, void (*handler)(int)))(int)
{
	struct sigaction action = { .sa_handler = reap, .sa_flags = SA_RESTART | SA_NOCLDSTOP };

	if (keys_stream == NULL || number != SIGCHLD || handler != SIG_IGN)
		return __real_signal(number, handler);
	(void)sigaction(SIGCHLD, &action, NULL);
	return SIG_DFL;
}

__attribute__((constructor)) static void begin(void)
{
	keys_stream_setup();
}
