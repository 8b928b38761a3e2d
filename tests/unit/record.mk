# unit tests of core/record
UNIT_TESTS += %D%/name_test %D%/address_test
%C%_name_test_SOURCES = %D%/name_test.c
%C%_name_test_LDADD = $(TEST_LDADD)
%C%_address_test_SOURCES = %D%/address_test.c
%C%_address_test_LDADD = $(TEST_LDADD)
UNIT_TESTS += %D%/spf_record_test %D%/spf_macro_test
%C%_spf_record_test_SOURCES = %D%/spf_record_test.c
%C%_spf_record_test_LDADD = $(TEST_LDADD)
%C%_spf_macro_test_SOURCES = %D%/spf_macro_test.c
%C%_spf_macro_test_LDADD = $(TEST_LDADD)
UNIT_TESTS += %D%/dkim_record_test %D%/dmarc_record_test
%C%_dkim_record_test_SOURCES = %D%/dkim_record_test.c
%C%_dkim_record_test_LDADD = $(TEST_LDADD)
%C%_dmarc_record_test_SOURCES = %D%/dmarc_record_test.c
%C%_dmarc_record_test_LDADD = $(TEST_LDADD)
UNIT_TESTS += %D%/label_test
%C%_label_test_SOURCES = %D%/label_test.c
%C%_label_test_LDADD = $(TEST_LDADD)
UNIT_TESTS += %D%/spf_lint_test
%C%_spf_lint_test_SOURCES = %D%/spf_lint_test.c %D%/spf_lint_cases.h
%C%_spf_lint_test_LDADD = $(TEST_LDADD)

UNIT_TESTS += %D%/spf_mend_test
%C%_spf_mend_test_SOURCES = %D%/spf_mend_test.c
%C%_spf_mend_test_LDADD = $(TEST_LDADD)
