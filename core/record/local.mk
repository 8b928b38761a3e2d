# core/record: what this room is made of
core_libcore_a_SOURCES += \
	%D%/address.c %D%/address.h \
	%D%/name.c %D%/name.h \
	%D%/suffix.c %D%/suffix.h
