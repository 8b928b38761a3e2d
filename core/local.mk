noinst_LIBRARIES += %D%/libbase.a %D%/libcore.a

%C%_libbase_a_SOURCES =
%C%_libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(CONFUSE_CFLAGS) $(IDN2_CFLAGS)
%C%_libcore_a_SOURCES =
%C%_libcore_a_CPPFLAGS = $(AM_CPPFLAGS) $(CARES_CFLAGS) $(IDN2_CFLAGS) $(PSL_CFLAGS) \
	$(SECCOMP_CFLAGS) $(SSL_CFLAGS) $(JANSSON_CFLAGS)

include %D%/base/local.mk
include %D%/wire/local.mk
include %D%/record/local.mk
include %D%/model/local.mk
include %D%/verify/local.mk
include %D%/plan/local.mk
include %D%/lifecycle/local.mk
include %D%/handover/local.mk
include %D%/export/local.mk
include %D%/ops/local.mk

# Libraries in the order of the house: a call against the stream does not link.
BASE_LIBS = core/libbase.a $(JANSSON_LIBS) $(CONFUSE_LIBS) $(IDN2_LIBS)
CORE_LIBS = core/libcore.a core/libwire.a keys/libkeysclient.a sql/libsql.a $(BASE_LIBS) $(PQ_LIBS) \
	$(SODIUM_LIBS) $(CARES_LIBS) $(SPF2_LIBS) $(RESOLV_LIBS) $(PSL_LIBS) $(SECCOMP_LIBS) \
	$(SSL_LIBS) $(CRYPTO_LIBS) $(CSV_LIBS)
