# unit tests of core/plan
EXTRA_DIST += %D%/ask_world.h
UNIT_TESTS += %D%/spf_alternative_test %D%/spf_merge_test %D%/spf_price_test %D%/planner_test %D%/dmarc_reading_test %D%/way_plan_test
%C%_spf_alternative_test_SOURCES = %D%/spf_alternative_test.c
%C%_spf_alternative_test_LDADD = $(TEST_LDADD)
%C%_spf_merge_test_SOURCES = %D%/spf_merge_test.c %D%/spf_merge_cases.h
%C%_spf_merge_test_LDADD = $(TEST_LDADD)
%C%_spf_price_test_SOURCES = %D%/spf_price_test.c
%C%_spf_price_test_LDADD = $(TEST_LDADD)
%C%_planner_test_SOURCES = %D%/planner_test.c
%C%_planner_test_LDADD = $(TEST_LDADD)
%C%_dmarc_reading_test_SOURCES = %D%/dmarc_reading_test.c
%C%_dmarc_reading_test_LDADD = $(TEST_LDADD)
%C%_way_plan_test_SOURCES = %D%/way_plan_test.c
%C%_way_plan_test_LDADD = $(TEST_LDADD)
