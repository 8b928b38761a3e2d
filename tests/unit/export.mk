# unit tests of core/export
UNIT_TESTS += %D%/target_test
%C%_target_test_SOURCES = %D%/target_test.c
%C%_target_test_LDADD = $(TEST_LDADD)
UNIT_TESTS += %D%/install_test
%C%_install_test_SOURCES = %D%/install_test.c
%C%_install_test_LDADD = $(TEST_LDADD)

GOLDEN = \
	tests/golden/postfix/main.cf tests/golden/postfix/master.cf tests/golden/postfix/sender_login \
	tests/golden/postfix/sender_transport tests/golden/postfix/tls_policy tests/golden/postfix/manifest \
	tests/golden/opendkim-rsa/KeyTable tests/golden/opendkim-rsa/guard \
	tests/golden/opendkim-rsa/SigningTable tests/golden/opendkim-rsa/opendkim.conf \
	tests/golden/opendkim-rsa/setup.lua tests/golden/opendkim-rsa/manifest \
	tests/golden/opendkim-ed25519/KeyTable tests/golden/opendkim-ed25519/SigningTable \
	tests/golden/opendkim-ed25519/opendkim.conf tests/golden/opendkim-ed25519/setup.lua \
	tests/golden/opendkim-ed25519/manifest
EXTRA_DIST += $(GOLDEN)

# Shows what would change first; REGOLD=yes then writes the golden files anew.
.PHONY: regold
regold: tests/unit/target_test
	-top_srcdir='$(abs_top_srcdir)' tests/unit/target_test
	@test -n "$(REGOLD)" || { echo "REGOLD=yes writes them"; exit 1; }
	top_srcdir='$(abs_top_srcdir)' REGOLD=yes tests/unit/target_test
	cd '$(srcdir)' && git diff --stat -- tests/golden
