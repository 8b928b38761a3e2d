# core/plan: what this room is made of
core_libcore_a_SOURCES += \
	%D%/ask.h \
	%D%/dkim_plan.c \
	%D%/dmarc_plan.c \
	%D%/dmarc_reading.c %D%/dmarc_reading.h \
	%D%/look_plan.c %D%/look_plan.h \
	%D%/outcome.c %D%/outcome.h \
	%D%/plan_part.c %D%/plan_part.h \
	%D%/planner.c %D%/planner.h \
	%D%/provider_plan.c \
	%D%/record_format.c %D%/record_format.h \
	%D%/spf_alternative.c %D%/spf_alternative.h \
	%D%/spf_clean_up.c %D%/spf_clean_up.h \
	%D%/spf_draft.c %D%/spf_draft.h \
	%D%/spf_limit.c %D%/spf_limit.h \
	%D%/spf_merge.c %D%/spf_merge.h \
	%D%/spf_outsider.c %D%/spf_outsider.h \
	%D%/spf_place.c %D%/spf_place.h \
	%D%/spf_plan.c \
	%D%/spf_policy.c %D%/spf_policy.h \
	%D%/spf_price.c %D%/spf_price.h \
	%D%/spf_unite.c %D%/spf_unite.h \
	%D%/way.c %D%/way.h \
	%D%/way_plan.c %D%/way_plan.h
