# core/wire: conversations with strangers' servers; senderkeyd has them, too.
noinst_LIBRARIES += core/libwire.a
core_libwire_a_CPPFLAGS = $(AM_CPPFLAGS) $(SSL_CFLAGS)
core_libwire_a_SOURCES = \
	%D%/smtp_reply.c %D%/smtp_reply.h \
	%D%/smtp_result.c %D%/smtp_result.h \
	%D%/smtp_talk.c %D%/smtp_talk.h \
	%D%/tls.c %D%/tls.h \
	%D%/wire.c %D%/wire.h \
	%D%/wire_fault.c %D%/wire_fault.h
