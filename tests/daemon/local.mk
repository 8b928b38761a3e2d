# tests/daemon: what real DNS, mail servers and verifiers make of it
DAEMON_TESTS = %D%/00-rig.py %D%/01-first-day.py %D%/02-relay.py %D%/03-states.py \
	%D%/05-probe.py %D%/06-faults.py %D%/07-rotations.py %D%/08-told.py %D%/09-vanished.sh

EXTRA_DIST += %D%/inside.sh $(DAEMON_TESTS) \
	tests/lib/desk.py tests/lib/internet.py tests/lib/judge.py tests/lib/mta.py tests/lib/names.py \
	tests/lib/sentences.py tests/lib/sink.py tests/lib/tap.py tests/lib/world.py

.PHONY: check-daemons
check-daemons: all
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(DAEMON_TESTS)'

# A hundred rotations under traffic.
ROTATIONS = 100
.PHONY: check-rotations
check-rotations: all
	ROTATIONS='$(ROTATIONS)' $(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS=tests/daemon/07-rotations.py
