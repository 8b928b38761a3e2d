# unit tests of core/lifecycle
UNIT_TESTS += %D%/rotation_test
%C%_rotation_test_SOURCES = %D%/rotation_test.c
%C%_rotation_test_LDADD = $(TEST_LDADD)
