/* Any octets as a private key, as they are and as what a PEM holds: read, or refused with a
 * reason. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "keys/key_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct err err = { 0 };

	UNUSED(argc);
	UNUSED(argv);
	if (!secret_setup(&err) || !keypair_setup(&err))
		abort();
	key_text_setup();
	return 0;
}

static void try(const unsigned char *text, size_t size)
{
	enum keypair_kind kind = KEYPAIR_RSA;
	struct keypair pair;
	int bits = 0;

	enum key_text_fault fault = key_text_read(text, size, &kind, &bits, &pair);
	if (fault < KEY_TEXT_FINE || fault >= KEY_TEXT_FAULTS)
		abort();
	if (fault == KEY_TEXT_FINE && (pair.pkcs8.size < 48 || pair.public_size < 32 || bits < 256))
		abort();
	if (fault != KEY_TEXT_FINE && key_text_sentence(fault)[0] == '\0')
		abort();
	keypair_drop(&pair);
}

/* The first octet chooses the armour, the others are the DER. */
static void try_armoured(const uint8_t *data, size_t size)
{
	static const char *const kinds[] = { "", "RSA " };
	const char *kind = kinds[data[0] % LENGTH(kinds)];
	char body[2 * KEY_TEXT_MOST];
	char text[3 * KEY_TEXT_MOST];

	if (sodium_base64_ENCODED_LEN(size - 1, sodium_base64_VARIANT_ORIGINAL) > sizeof body)
		return;
	(void)sodium_bin2base64(body, sizeof body, data + 1, size - 1,
	                        sodium_base64_VARIANT_ORIGINAL);
	int length = snprintf(text, sizeof text,
	                      "-----BEGIN %sPRIVATE"
	                      " KEY-----\n%s\n-----END %sPRIVATE"
	                      " KEY-----\n",
	                      kind, body, kind);
	try((const unsigned char *)text, (size_t)length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > KEY_TEXT_MOST)
		return 0;
	try(data, size);
	try_armoured(data, size);
	return 0;
}
