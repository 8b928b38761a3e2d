# The vault (libkeys.a) and the one door the others use (libkeysclient.a).
noinst_LIBRARIES += %D%/libkeys.a %D%/libkeysclient.a

%C%_libkeysclient_a_SOURCES = \
	%D%/client.c %D%/client.h \
	%D%/hex.c %D%/hex.h \
	%D%/protocol.c %D%/protocol.h
%C%_libkeysclient_a_CPPFLAGS = $(AM_CPPFLAGS)

%C%_libkeys_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS) $(CRYPTO_CFLAGS)
%C%_libkeys_a_SOURCES = \
	%D%/bytes.h \
	%D%/envelope.c %D%/envelope.h \
	%D%/secret.c %D%/secret.h
