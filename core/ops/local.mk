# core/ops: what this room is made of
core_libcore_a_SOURCES += \
	%D%/checkup.c %D%/checkup.h \
	%D%/cluster.c %D%/cluster.h \
	%D%/doctor.c %D%/doctor.h \
	%D%/embedded.c %D%/embedded.h \
	%D%/service.c %D%/service.h
