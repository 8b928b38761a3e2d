# The vault (libkeys.a) and the one door the others use (libkeysclient.a).
noinst_LIBRARIES += %D%/libkeys.a %D%/libkeysclient.a

%C%_libkeysclient_a_SOURCES = \
	%D%/client.c %D%/client.h \
	%D%/digest.c %D%/digest.h \
	%D%/hex.c %D%/hex.h \
	%D%/protocol.c %D%/protocol.h
%C%_libkeysclient_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)

%C%_libkeys_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS) $(CRYPTO_CFLAGS)
%C%_libkeys_a_SOURCES = \
	%D%/bytes.h \
	%D%/bundle.c %D%/bundle.h \
	%D%/envelope.c %D%/envelope.h \
	%D%/identity.c %D%/identity.h \
	%D%/key_file.c %D%/key_file.h \
	%D%/keypair.c %D%/keypair.h \
	%D%/master_key.c %D%/master_key.h \
	%D%/secret.c %D%/secret.h \
	%D%/secret_file.c %D%/secret_file.h \
	%D%/vault.c %D%/vault.h
