# unit tests of cli
UNIT_TESTS += %D%/option_test %D%/command_test
%C%_option_test_SOURCES = %D%/option_test.c
%C%_option_test_LDADD = cli/libcli.a $(TEST_LDADD) $(SMARTCOLS_LIBS)
%C%_command_test_SOURCES = %D%/command_test.c
%C%_command_test_LDADD = cli/libcli.a $(TEST_LDADD) $(SMARTCOLS_LIBS)
UNIT_TESTS += %D%/progress_test %D%/spool_test
%C%_progress_test_SOURCES = %D%/progress_test.c
%C%_progress_test_LDADD = cli/libcli.a $(TEST_LDADD) $(SMARTCOLS_LIBS)
%C%_spool_test_SOURCES = %D%/spool_test.c
%C%_spool_test_LDADD = cli/libcli.a $(TEST_LDADD) $(SMARTCOLS_LIBS)
