# unit tests of keys
KEYS_TEST_LDADD = keys/libkeys.a $(TEST_LDADD)
UNIT_TESTS += %D%/bundle_test %D%/envelope_test %D%/keypair_test %D%/manifest_test %D%/vault_test
%C%_bundle_test_SOURCES = %D%/bundle_test.c
%C%_bundle_test_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
%C%_bundle_test_LDADD = $(KEYS_TEST_LDADD)
%C%_envelope_test_SOURCES = %D%/envelope_test.c
%C%_envelope_test_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
%C%_envelope_test_LDADD = $(KEYS_TEST_LDADD)
%C%_keypair_test_SOURCES = %D%/keypair_test.c
%C%_keypair_test_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS) $(CRYPTO_CFLAGS)
%C%_keypair_test_LDADD = $(KEYS_TEST_LDADD)
%C%_vault_test_SOURCES = %D%/vault_test.c
%C%_vault_test_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
%C%_vault_test_LDADD = $(KEYS_TEST_LDADD)
EXTRA_DIST += tests/data/envelopes/good.tab tests/data/envelopes/bad.tab tests/data/envelopes/make.py
%C%_manifest_test_SOURCES = %D%/manifest_test.c
%C%_manifest_test_LDADD = $(KEYS_TEST_LDADD)
