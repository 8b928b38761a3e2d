/* Any octets as a private key: read, or refused with a reason. */
#include <stdint.h>
#include <stdlib.h>

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum keypair_kind kind = KEYPAIR_RSA;
	struct keypair pair;
	int bits = 0;

	if (size > KEY_TEXT_MOST)
		return 0;
	enum key_text_fault fault = key_text_read(data, size, &kind, &bits, &pair);
	if (fault < KEY_TEXT_FINE || fault >= KEY_TEXT_FAULTS)
		abort();
	if (fault == KEY_TEXT_FINE && (pair.pkcs8.size < 48 || pair.public_size < 32 || bits < 256))
		abort();
	if (fault != KEY_TEXT_FINE && key_text_sentence(fault)[0] == '\0')
		abort();
	keypair_drop(&pair);
	return 0;
}
