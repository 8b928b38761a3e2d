#pragma once

/*
 * dkim_record -- the TXT record of a DKIM key (RFC 6376 3.6.1, RFC 8463 4).
 *
 * Reads what others published and writes what we want published.  Keys are
 * compared as decoded octets, never as text: panels fold, wrap and reorder.
 *
 * Owner:   texts and octets live in the arena that was passed in.
 * Failure: ERR_INPUT with the column where the record breaks a rule.
 * Secrets: public halves only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"

enum dkim_key_type { DKIM_RSA, DKIM_ED25519, DKIM_OTHER, DKIM_KEY_TYPES };

struct dkim_record {
	enum dkim_key_type type;
	const char *type_name; /* the k= tag, "rsa" when it is absent */
	const uint8_t *key;    /* RSA: SubjectPublicKeyInfo (or RSAPublicKey); Ed25519: 32 octets */
	size_t key_size;       /* 0: revoked */
	bool revoked;          /* p= is empty */
	bool testing;          /* t=y */
	bool strict;           /* t=s: i= must equal d= */
	bool for_email;        /* s= names email or *, or is absent */
	bool sha256;           /* h= allows it, or is absent */
};

/* `text` is the TXT record with its strings joined. */
bool dkim_record_parse(struct arena *arena, const char *text, size_t length,
                       struct dkim_record *record, struct err *err) CHECKED;

/* "v=DKIM1; k=rsa; p=..." for "rsa-sha256" or "ed25519-sha256" and the public
 * half as dkim_key stores it. */
void dkim_record_render(struct text *out, const char *algorithm, const uint8_t *key, size_t size);

/* What is published for a key that must not be trusted any more. */
const char *dkim_record_revoked(void);

/* The same key, whether wrapped as SubjectPublicKeyInfo or bare. */
bool dkim_record_same_key(const struct dkim_record *record, const char *algorithm,
                          const uint8_t *key, size_t size);

/* Size of an RSA modulus in bits; 0 when the octets are no RSA key.  256 for Ed25519. */
unsigned dkim_record_bits(const struct dkim_record *record);

/* s202611a._domainkey.acme.example */
const char *dkim_record_name(struct arena *arena, const char *selector, const char *domain);

/* Where a delegating CNAME points: s202611a.acme.example._domainkey.<hosting domain> */
const char *dkim_record_target(struct arena *arena, const char *selector, const char *domain,
                               const char *hosting_domain);
