# core/model: what this room is made of
core_libcore_a_SOURCES += %D%/dkim_key.c %D%/dkim_key.h
core_libcore_a_SOURCES += %D%/key_wanted.c %D%/key_wanted.h
core_libcore_a_SOURCES += %D%/event.c %D%/event.h
core_libcore_a_SOURCES += %D%/facts.c %D%/facts.h
core_libcore_a_SOURCES += %D%/generation.c %D%/generation.h
core_libcore_a_SOURCES += %D%/import.c %D%/import.h
core_libcore_a_SOURCES += %D%/import_csv.c %D%/import_csv.h
core_libcore_a_SOURCES += %D%/import_field.c %D%/import_field.h
core_libcore_a_SOURCES += %D%/import_finding.c %D%/import_finding.h
core_libcore_a_SOURCES += %D%/import_json.c %D%/import_json.h
core_libcore_a_SOURCES += %D%/import_provider.c %D%/import_provider.h
core_libcore_a_SOURCES += %D%/import_stage.c %D%/import_stage.h
core_libcore_a_SOURCES += %D%/observation.c %D%/observation.h
core_libcore_a_SOURCES += %D%/requirement.c %D%/requirement.h
core_libcore_a_SOURCES += %D%/scope.c %D%/scope.h
core_libcore_a_SOURCES += %D%/serving.c %D%/serving.h
core_libcore_a_SOURCES += %D%/sheet.c %D%/sheet.h
