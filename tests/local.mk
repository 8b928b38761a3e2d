TEST_EXTENSIONS = .sh .py
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_COMPILER = bash $(top_srcdir)/tests/lib/unit.sh
EXTRA_DIST += tests/lib/unit.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = bash
PY_LOG_DRIVER = $(LOG_DRIVER)
# Debian's own, which has the verifiers; some machines have another one in front of it.
PY_LOG_COMPILER = $(top_srcdir)/tests/daemon/inside.sh /usr/bin/python3 -B
AM_TESTS_ENVIRONMENT = top_srcdir='$(abs_top_srcdir)'; top_builddir='$(abs_top_builddir)'; \
	CMOCKA_MESSAGE_OUTPUT=TAP; export top_srcdir top_builddir CMOCKA_MESSAGE_OUTPUT;

UNIT_TESTS =
TEST_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

include %D%/unit/base.mk
include %D%/unit/sql.mk
include %D%/unit/record.mk
include %D%/unit/model.mk
include %D%/unit/verify.mk
include %D%/unit/plan.mk
include %D%/unit/lifecycle.mk
include %D%/unit/handover.mk
include %D%/unit/export.mk
include %D%/unit/keys.mk
include %D%/unit/ops.mk
include %D%/unit/cli.mk
include %D%/model/local.mk
include %D%/lint/local.mk
include %D%/sql/local.mk
include %D%/verify/local.mk
include %D%/flow/local.mk
include %D%/daemon/local.mk
include %D%/bench/local.mk
include %D%/bench/check.mk
include %D%/bench/keys.mk
include %D%/soak/local.mk
include %D%/fuzz/local.mk

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif

# Everything there is, in one run with one summary.
.PHONY: check-all
check-all: all $(check_LIBRARIES) $(check_PROGRAMS)
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(TESTS) $(FLOW_TESTS) $(DAEMON_TESTS)'
