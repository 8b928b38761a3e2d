# core/plan: what this room is made of
core_libcore_a_SOURCES += \
	%D%/ask.h \
	%D%/dmarc_reading.c %D%/dmarc_reading.h \
	%D%/dkim_plan.c \
	%D%/dmarc_plan.c \
	%D%/outcome.c %D%/outcome.h \
	%D%/record_format.c %D%/record_format.h \
	%D%/plan_part.c %D%/plan_part.h \
	%D%/planner.c %D%/planner.h \
	%D%/provider_plan.c \
	%D%/spf_merge.c %D%/spf_merge.h \
	%D%/spf_plan.c \
	%D%/spf_price.c %D%/spf_price.h \
	%D%/way.c %D%/way.h \
	%D%/way_plan.c %D%/way_plan.h
