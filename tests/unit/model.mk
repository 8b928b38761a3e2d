# unit tests of core/model
UNIT_TESTS += %D%/import_csv_test
%C%_import_csv_test_SOURCES = %D%/import_csv_test.c
%C%_import_csv_test_LDADD = $(TEST_LDADD)
UNIT_TESTS += %D%/field_test
%C%_field_test_SOURCES = %D%/field_test.c
%C%_field_test_LDADD = $(TEST_LDADD)
