# unit tests of core/record
UNIT_TESTS += %D%/name_test %D%/address_test
%C%_name_test_SOURCES = %D%/name_test.c
%C%_name_test_LDADD = $(TEST_LDADD)
%C%_address_test_SOURCES = %D%/address_test.c
%C%_address_test_LDADD = $(TEST_LDADD)
