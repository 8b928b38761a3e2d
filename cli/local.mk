bin_PROGRAMS += senderctl
noinst_LIBRARIES += %D%/libcli.a

%C%_libcli_a_CPPFLAGS = $(AM_CPPFLAGS) $(SMARTCOLS_CFLAGS)
%C%_libcli_a_SOURCES = \
	%D%/asking.c %D%/asking.h \
	%D%/cmd_db.c \
	%D%/cmd_export.c \
	%D%/cmd_handover.c \
	%D%/cmd_help.c \
	%D%/cmd_import.c \
	%D%/cmd_record.c \
	%D%/cmd_relay_host.c \
	%D%/cmd_spf.c \
	%D%/cmd_up.c \
	%D%/command.c %D%/command.h \
	%D%/commands.c %D%/commands.h \
	%D%/dns_ask.c %D%/dns_ask.h \
	%D%/help.c %D%/help.h \
	%D%/option.c %D%/option.h \
	%D%/print.c %D%/print.h \
	%D%/relay_host.c %D%/relay_host.h \
	%D%/session.c %D%/session.h

senderctl_SOURCES = %D%/main.c
senderctl_LDADD = %D%/libcli.a $(CORE_LIBS) $(SMARTCOLS_LIBS)
