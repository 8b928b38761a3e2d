# core/verify: what this room is made of
core_libcore_a_SOURCES += \
	%D%/dns_message.c %D%/dns_message.h \
	%D%/inquiry.c %D%/inquiry.h \
	%D%/resolver.c %D%/resolver.h \
	%D%/spf_check.c %D%/spf_check.h \
	%D%/spf_worker.c %D%/spf_worker.h
