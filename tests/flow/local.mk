# tests/flow: the whole program, told as stories; the list is the folder
include %D%/list.mk
EXTRA_DIST += $(FLOW_TESTS) %D%/list.mk tests/lib/house.sh tests/lib/hook.py tests/lib/prometheus.py

.PHONY: check-flow
check-flow: all
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(FLOW_TESTS)'
