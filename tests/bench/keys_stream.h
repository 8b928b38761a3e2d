#pragma once

/*
 * keys_stream -- random numbers that can be had again, for benchmarks only.
 *
 * Two ways to make RSA keys are compared fairly when both search the same
 * primes.  So OpenSSL's random numbers come from ChaCha20 streams with a number,
 * one for each key, and what all processes share says which is next.
 *
 * Owner:   the file named by $KEYS_STREAM, mapped until the process ends.
 * Failure: without the file nothing changes, and keys_stream is NULL.
 */

#include <stdatomic.h>
#include <stdint.h>

struct keys_stream {
	_Atomic uint64_t next;   /* the stream of the key that begins next */
	_Atomic uint64_t search; /* nanoseconds of processor time in the search */
	_Atomic uint64_t cast;   /* and of whole processes that made a key */
};

extern struct keys_stream *keys_stream;

/* Map the file, and let OpenSSL ask us. */
void keys_stream_setup(void);

/* A key begins. */
void keys_stream_begin(void);
