# fuzzers of private keys that other programs wrote
FUZZERS += key_text_fuzz
FUZZED += keys/key_text.c keys/keypair.c keys/secret.c
FUZZ_LIBS += $(CRYPTO_LIBS) $(SODIUM_LIBS)
EXTRA_DIST += %D%/key_text_fuzz.c
