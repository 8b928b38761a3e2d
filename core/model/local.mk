# core/model: what this room is made of
core_libcore_a_SOURCES += \
	%D%/requirement.c %D%/requirement.h
