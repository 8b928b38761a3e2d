# unit tests of cli
UNIT_TESTS += %D%/option_test %D%/command_test
%C%_option_test_SOURCES = %D%/option_test.c
%C%_option_test_LDADD = cli/libcli.a $(TEST_LDADD) $(SMARTCOLS_LIBS)
%C%_command_test_SOURCES = %D%/command_test.c
%C%_command_test_LDADD = cli/libcli.a $(TEST_LDADD) $(SMARTCOLS_LIBS)
