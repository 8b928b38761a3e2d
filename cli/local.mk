bin_PROGRAMS += senderctl
noinst_LIBRARIES += %D%/libcli.a

%C%_libcli_a_CPPFLAGS = $(AM_CPPFLAGS) $(SMARTCOLS_CFLAGS)
%C%_libcli_a_SOURCES =

senderctl_SOURCES = %D%/main.c
senderctl_LDADD = %D%/libcli.a $(CORE_LIBS) $(SMARTCOLS_LIBS)
