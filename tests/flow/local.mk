# tests/flow: the whole program, told as stories; the list is the folder
include %D%/list.mk
EXTRA_DIST += $(FLOW_TESTS) %D%/list.mk tests/lib/acme.json tests/lib/house.sh tests/lib/hook.py tests/lib/keyd_storm.py \
	tests/lib/needle.py tests/lib/prometheus.py tests/lib/terminal.py

# Rows for the key service's tests, sealed as it would.
check_PROGRAMS += tests/lib/kek_rows
tests_lib_kek_rows_SOURCES = tests/lib/kek_rows.c
tests_lib_kek_rows_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
tests_lib_kek_rows_LDADD = keys/libkeys.a $(CORE_LIBS)

# Looks for thousands of byte strings at once.
check_PROGRAMS += tests/lib/needle
tests_lib_needle_SOURCES = tests/lib/needle.c

.PHONY: check-flow
check-flow: all tests/lib/kek_rows$(EXEEXT) tests/lib/needle$(EXEEXT)
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(FLOW_TESTS)'
