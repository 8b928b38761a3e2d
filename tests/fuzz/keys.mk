# fuzzers of private keys that other programs wrote, and of what comes from escrow officers
FUZZERS += key_text_fuzz escrow_fuzz
FUZZED += core/base/uuid.c keys/escrow.c keys/escrow_letter.c keys/key_text.c keys/keypair.c \
	keys/keypair_bn.c keys/secret.c
FUZZ_LIBS += $(CRYPTO_LIBS) $(SODIUM_LIBS)
EXTRA_DIST += %D%/escrow_fuzz.c %D%/key_text_fuzz.c
