# fuzzers of the import: any bytes as a CSV file, any bytes as a JSON document
FUZZERS += import_csv_fuzz import_json_fuzz
FUZZED += core/base/nearest.c core/base/tree.c core/model/import_csv.c core/model/import_field.c \
	core/model/import_finding.c core/model/import_json.c core/model/import_shape.c core/record/address.c core/record/label.c \
	core/record/name.c tests/fuzz/import_fuzz.c
FUZZ_LIBS += $(JANSSON_LIBS) $(IDN2_LIBS) $(CSV_LIBS)
EXTRA_DIST += %D%/import_csv_fuzz.c %D%/import_json_fuzz.c %D%/import_fuzz.c %D%/import_fuzz.h
