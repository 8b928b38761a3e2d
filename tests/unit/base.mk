# unit tests of core/base
UNIT_TESTS += %D%/err_test
%C%_err_test_SOURCES = %D%/err_test.c
%C%_err_test_LDADD = $(TEST_LDADD)
