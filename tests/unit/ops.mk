# unit tests of core/ops
UNIT_TESTS += %D%/letter_test %D%/digest_test %D%/child_test
%C%_letter_test_SOURCES = %D%/letter_test.c
%C%_letter_test_LDADD = $(TEST_LDADD)
%C%_digest_test_SOURCES = %D%/digest_test.c
%C%_digest_test_LDADD = $(TEST_LDADD)
%C%_child_test_SOURCES = %D%/child_test.c
%C%_child_test_LDADD = $(TEST_LDADD)
