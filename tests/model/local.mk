# tests/model: the life of keys, driven by chance
UNIT_TESTS += %D%/key_model_test
%C%_key_model_test_SOURCES = %D%/key_model_test.c %D%/key_act.c %D%/key_chance.c %D%/key_check.c \
	%D%/key_dns.c %D%/key_facts.c %D%/key_relay.c %D%/key_store.c %D%/key_world.c %D%/key_world.h
%C%_key_model_test_LDADD = $(TEST_LDADD)

# The long run: another seed each time, printed.  make check-model MODEL_STEPS=1000000000 MODEL_SEED=7
MODEL_STEPS = 50000000
MODEL_SEED = $$(date +%s)
.PHONY: check-model
check-model: %D%/key_model_test$(EXEEXT)
	MODEL_SEED="$(MODEL_SEED)" MODEL_STEPS='$(MODEL_STEPS)' tests/model/key_model_test

# kill -9 before every system call that matters: one of each command, or all of them.
MODEL_TESTS = %D%/kills.py
KILLS = all
EXTRA_DIST += $(MODEL_TESTS) tests/lib/registry.py
TESTS += $(MODEL_TESTS)
.PHONY: check-kills
check-kills: all
	KILLS='$(KILLS)' $(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS=tests/model/kills.py

# The program and the rules, side by side over many histories: worlds of 150 domains, each with a seed of its own.
HISTORIES = 2000
ROUNDS = 24
HISTORY_SEED = $$(date +%s)
MODEL_TESTS += %D%/histories.py
.PHONY: check-histories
check-histories: all
	seed="$(HISTORY_SEED)"; left='$(HISTORIES)'; while test $$left -gt 0; do \
		HISTORY_KILLS=yes HISTORIES=$$((left < 150 ? left : 150)) ROUNDS='$(ROUNDS)' HISTORY_SEED=$$seed \
			$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS=tests/model/histories.py || exit; \
		grep '^[#o]' tests/model/histories.log; \
		left=$$((left - 150)) seed=$$((seed + 1)); \
	done
