# unit tests of core/verify
UNIT_TESTS += %D%/dns_message_test
%C%_dns_message_test_SOURCES = %D%/dns_message_test.c
%C%_dns_message_test_LDADD = $(TEST_LDADD)
UNIT_TESTS += %D%/authority_test
%C%_authority_test_SOURCES = %D%/authority_test.c
%C%_authority_test_LDADD = $(TEST_LDADD)
UNIT_TESTS += %D%/dkim_check_test
%C%_dkim_check_test_SOURCES = %D%/dkim_check_test.c
%C%_dkim_check_test_LDADD = $(TEST_LDADD)
UNIT_TESTS += %D%/spf_worker_test
%C%_spf_worker_test_SOURCES = %D%/spf_worker_test.c
%C%_spf_worker_test_LDADD = $(TEST_LDADD)
EXTRA_DIST += %D%/told.h
UNIT_TESTS += %D%/spf_crash_test
%C%_spf_crash_test_SOURCES = %D%/spf_crash_test.c
%C%_spf_crash_test_LDADD = $(TEST_LDADD)
