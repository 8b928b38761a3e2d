# core/model: what this room is made of
core_libcore_a_SOURCES += \
	%D%/dkim_key.c %D%/dkim_key.h \
	%D%/requirement.c %D%/requirement.h
	%D%/facts.c %D%/facts.h \
	%D%/requirement.c %D%/requirement.h \
	%D%/scope.c %D%/scope.h
