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
