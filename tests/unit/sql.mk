# unit tests of sql
UNIT_TESTS += %D%/db_again_test
%C%_db_again_test_SOURCES = %D%/db_again_test.c
%C%_db_again_test_LDADD = $(TEST_LDADD)
