# The vault (libkeys.a, senderkeyd only) and the one door the others use (libkeysclient.a).
noinst_LIBRARIES += %D%/libkeysclient.a
%C%_libkeysclient_a_SOURCES =
%C%_libkeysclient_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
