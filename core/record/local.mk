# core/record: what this room is made of
core_libcore_a_SOURCES += \
	%D%/address.c %D%/address.h \
	%D%/name.c %D%/name.h \
	%D%/suffix.c %D%/suffix.h
	%D%/spf_macro.c %D%/spf_macro.h \
	%D%/spf_record.c %D%/spf_record.h
