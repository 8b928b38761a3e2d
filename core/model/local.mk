# core/model: what this room is made of
core_libcore_a_SOURCES += %D%/dkim_key.c %D%/dkim_key.h
core_libcore_a_SOURCES += %D%/event.c %D%/event.h
core_libcore_a_SOURCES += %D%/facts.c %D%/facts.h
core_libcore_a_SOURCES += %D%/requirement.c %D%/requirement.h
core_libcore_a_SOURCES += %D%/scope.c %D%/scope.h
