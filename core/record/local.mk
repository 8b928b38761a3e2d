# core/record: what this room is made of
core_libcore_a_SOURCES += \
	%D%/address.c %D%/address.h \
	%D%/dkim_record.c %D%/dkim_record.h \
	%D%/dmarc_record.c %D%/dmarc_record.h \
	%D%/label.c %D%/label.h \
	%D%/name.c %D%/name.h \
	%D%/spf_lint.c %D%/spf_lint.h \
	%D%/spf_macro.c %D%/spf_macro.h \
	%D%/spf_record.c %D%/spf_record.h \
	%D%/suffix.c %D%/suffix.h \
	%D%/tag_list.c %D%/tag_list.h \
	%D%/zone_text.c %D%/zone_text.h
