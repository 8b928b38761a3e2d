# core/ops: what this room is made of
core_libcore_a_SOURCES += \
	%D%/checkup.c %D%/checkup.h \
	%D%/child.c %D%/child.h \
	%D%/cluster.c %D%/cluster.h \
	%D%/consequence.c %D%/consequence.h \
	%D%/delivery.c %D%/delivery.h \
	%D%/digest.c %D%/digest.h \
	%D%/doctor.c %D%/doctor.h \
	%D%/embedded.c %D%/embedded.h \
	%D%/gauge.c %D%/gauge.h \
	%D%/history_check.c %D%/history_check.h \
	%D%/key_round.c %D%/key_round.h \
	%D%/letter.c %D%/letter.h \
	%D%/monitor.c %D%/monitor.h \
	%D%/notice.c %D%/notice.h \
	%D%/patrol.c %D%/patrol.h \
	%D%/service.c %D%/service.h \
	%D%/survey.c %D%/survey.h \
	%D%/survey_list.c %D%/survey_list.h
