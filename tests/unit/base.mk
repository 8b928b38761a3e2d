# unit tests of core/base
UNIT_TESTS += %D%/err_test
%C%_err_test_SOURCES = %D%/err_test.c
%C%_err_test_LDADD = $(TEST_LDADD)
UNIT_TESTS += %D%/conf_test
%C%_conf_test_SOURCES = %D%/conf_test.c
%C%_conf_test_LDADD = $(TEST_LDADD)
UNIT_TESTS += %D%/file_test
%C%_file_test_SOURCES = %D%/file_test.c
%C%_file_test_LDADD = $(TEST_LDADD)
UNIT_TESTS += %D%/nearest_test
%C%_nearest_test_SOURCES = %D%/nearest_test.c
%C%_nearest_test_LDADD = $(TEST_LDADD)
UNIT_TESTS += %D%/sha256_test
%C%_sha256_test_SOURCES = %D%/sha256_test.c
%C%_sha256_test_LDADD = $(TEST_LDADD)
