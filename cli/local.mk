bin_PROGRAMS += senderctl
noinst_LIBRARIES += %D%/libcli.a

%C%_libcli_a_CPPFLAGS = $(AM_CPPFLAGS) $(SMARTCOLS_CFLAGS)
%C%_libcli_a_SOURCES =
cli_libcli_a_SOURCES += %D%/asking.c %D%/asking.h
cli_libcli_a_SOURCES += %D%/cmd_check.c
cli_libcli_a_SOURCES += %D%/cmd_db.c
cli_libcli_a_SOURCES += %D%/cmd_export.c
cli_libcli_a_SOURCES += %D%/cmd_handover.c
cli_libcli_a_SOURCES += %D%/cmd_help.c
cli_libcli_a_SOURCES += %D%/cmd_import.c
cli_libcli_a_SOURCES += %D%/cmd_record.c
cli_libcli_a_SOURCES += %D%/cmd_relay_host.c
cli_libcli_a_SOURCES += %D%/cmd_spf.c
cli_libcli_a_SOURCES += %D%/cmd_up.c
cli_libcli_a_SOURCES += %D%/command.c %D%/command.h
cli_libcli_a_SOURCES += %D%/commands.c %D%/commands.h
cli_libcli_a_SOURCES += %D%/dns_ask.c %D%/dns_ask.h
cli_libcli_a_SOURCES += %D%/help.c %D%/help.h
cli_libcli_a_SOURCES += %D%/option.c %D%/option.h
cli_libcli_a_SOURCES += %D%/print.c %D%/print.h
cli_libcli_a_SOURCES += %D%/progress.c %D%/progress.h
cli_libcli_a_SOURCES += %D%/relay_host.c %D%/relay_host.h
cli_libcli_a_SOURCES += %D%/session.c %D%/session.h

senderctl_SOURCES = %D%/main.c
senderctl_LDADD = %D%/libcli.a $(CORE_LIBS) $(SMARTCOLS_LIBS)
