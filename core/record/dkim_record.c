#include "core/record/dkim_record.h"

#include <string.h>

#include "core/base/base64.h"
#include "core/base/words.h"
#include "core/record/tag_list.h"

enum { ED25519_OCTETS = 32 };

/* ---- just enough DER to tell a wrapped RSA key from a bare one --------------- */

struct der {
	const uint8_t *at;
	size_t left;
};

/* Enter the next element when it has this tag; its content is in *inside. */
static bool der_enter(struct der *der, uint8_t tag, struct der *inside)
{
	if (der->left < 2 || der->at[0] != tag)
		return false;
	size_t length = der->at[1], head = 2;
	if (length >= 0x80) {
		size_t octets = length & 0x7f;
		if (octets == 0 || octets > 2 || der->left < 2 + octets)
			return false;
		length = 0;
		for (size_t i = 0; i < octets; i++)
			length = length << 8 | der->at[2 + i];
		head += octets;
	}
	if (der->left - head < length)
		return false;
	*inside = (struct der){ der->at + head, length };
	der->at += head + length;
	der->left -= head + length;
	return true;
}

enum { DER_INTEGER = 0x02, DER_BIT_STRING = 0x03, DER_SEQUENCE = 0x30 };

/* The RSAPublicKey inside, whatever its wrapping; empty when it is none. */
static struct der rsa_body(const uint8_t *key, size_t size)
{
	struct der all = { key, size }, outer, algorithm, bits;

	if (!der_enter(&all, DER_SEQUENCE, &outer))
		return (struct der){ 0 };
	if (outer.left > 0 && outer.at[0] == DER_INTEGER)
		return (struct der){ key, size };
	if (!der_enter(&outer, DER_SEQUENCE, &algorithm)
	    || !der_enter(&outer, DER_BIT_STRING, &bits) || bits.left < 1 || bits.at[0] != 0)
		return (struct der){ 0 };
	return (struct der){ bits.at + 1, bits.left - 1 };
}

static unsigned rsa_bits(const uint8_t *key, size_t size)
{
	struct der body = rsa_body(key, size), numbers, modulus;

	if (!der_enter(&body, DER_SEQUENCE, &numbers)
	    || !der_enter(&numbers, DER_INTEGER, &modulus))
		return 0;
	while (modulus.left > 0 && modulus.at[0] == 0) {
		modulus.at++;
		modulus.left--;
	}
	if (modulus.left == 0)
		return 0;
	unsigned bits = (unsigned)modulus.left * 8;
	for (uint8_t top = modulus.at[0]; (top & 0x80) == 0; top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

/* ---- reading ------------------------------------------------------------------- */

static bool key_parse(struct arena *arena, const char *value, struct dkim_record *record,
                      struct err *err)
{
	if (!base64_parse(arena, value, strlen(value), &record->key, &record->key_size)) {
		(void)err_set(err, ERR_INPUT, _("the key in p= is not base64"));
		return err_hint(err, _("a panel may have cut it or added quotes or backslashes"));
	}
	record->revoked = record->key_size == 0;
	if (record->revoked)
		return true;
	if (record->type == DKIM_RSA && rsa_bits(record->key, record->key_size) == 0) {
		(void)err_set(err, ERR_INPUT, _("the key in p= is not a whole RSA key"));
		return err_hint(err, _("a panel may have cut it at 255 characters"));
	}
	if (record->type == DKIM_ED25519 && record->key_size != ED25519_OCTETS)
		return err_set(err, ERR_INPUT,
		               _("the key in p= has %zu octets; an Ed25519 key has 32"),
		               record->key_size);
	return true;
}

bool dkim_record_parse(struct arena *arena, const char *text, size_t length,
                       struct dkim_record *record, struct err *err)
{
	struct tag_list tags;

	*record = (struct dkim_record){ .for_email = true, .sha256 = true, .type_name = "rsa" };
	if (!tag_list_parse(arena, text, length, &tags, err))
		return false;
	const char *version = tag_list_find(&tags, "v");
	if (version != NULL && strcmp(version, "DKIM1") != 0)
		return err_set(err, ERR_INPUT, _("v=%s is not DKIM1: receivers discard the record"),
		               version);
	/* "This tag MUST be the first tag in the record" (3.6.1). */
	if (version != NULL && strcmp(tags.tags[0].name, "v") != 0)
		return err_set(err, ERR_INPUT, _("v=DKIM1 is not the first tag"));

	const char *type = tag_list_find(&tags, "k");
	if (type != NULL)
		record->type_name = type;
	record->type = strcmp(record->type_name, "rsa") == 0       ? DKIM_RSA
	               : strcmp(record->type_name, "ed25519") == 0 ? DKIM_ED25519
	                                                           : DKIM_OTHER;
	const char *flags = tag_list_find(&tags, "t");
	if (flags != NULL) {
		record->testing = tag_list_holds(flags, "y");
		record->strict = tag_list_holds(flags, "s");
	}
	const char *service = tag_list_find(&tags, "s");
	if (service != NULL)
		record->for_email = tag_list_holds(service, "email")
		                    || tag_list_holds(service, "*");
	const char *hashes = tag_list_find(&tags, "h");
	if (hashes != NULL)
		record->sha256 = tag_list_holds(hashes, "sha256");
	const char *key = tag_list_find(&tags, "p");
	if (key == NULL)
		return err_set(err, ERR_INPUT, _("the tag p= is missing: no key in the record"));
	return key_parse(arena, key, record, err);
}

/* ---- writing and comparing ------------------------------------------------------- */

void dkim_record_render(struct text *out, const char *algorithm, const uint8_t *key, size_t size)
{
	text_addf(out, "v=DKIM1; k=%s; p=",
	          strncmp(algorithm, "ed25519", strlen("ed25519")) == 0 ? "ed25519" : "rsa");
	base64_render(out, key, size);
}

const char *dkim_record_revoked(void)
{
	return "v=DKIM1; p=";
}

bool dkim_record_same_key(const struct dkim_record *record, const char *algorithm,
                          const uint8_t *key, size_t size)
{
	if (record->revoked || record->type == DKIM_OTHER)
		return false;
	if (record->type == DKIM_ED25519)
		return strncmp(algorithm, "ed25519", strlen("ed25519")) == 0
		       && record->key_size == size && memcmp(record->key, key, size) == 0;
	struct der published = rsa_body(record->key, record->key_size);
	struct der ours = rsa_body(key, size);
	return strncmp(algorithm, "rsa", strlen("rsa")) == 0 && ours.left > 0
	       && published.left == ours.left && memcmp(published.at, ours.at, ours.left) == 0;
}

unsigned dkim_record_bits(const struct dkim_record *record)
{
	if (record->revoked || record->type == DKIM_OTHER)
		return 0;
	return record->type == DKIM_ED25519 ? 256 : rsa_bits(record->key, record->key_size);
}

const char *dkim_record_name(struct arena *arena, const char *selector, const char *domain)
{
	return arena_print(arena, "%s._domainkey.%s", selector, domain);
}

const char *dkim_record_target(struct arena *arena, const char *selector, const char *domain,
                               const char *hosting_domain)
{
	return arena_print(arena, "%s.%s._domainkey.%s", selector, domain, hosting_domain);
}
