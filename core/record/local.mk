# core/record: what this room is made of
core_libcore_a_SOURCES += \
	%D%/address.c %D%/address.h \
	%D%/dkim_record.c %D%/dkim_record.h \
	%D%/dmarc_record.c %D%/dmarc_record.h \
	%D%/dmarc_walk.c %D%/dmarc_walk.h \
	%D%/label.c %D%/label.h \
	%D%/name.c %D%/name.h \
	%D%/spf_advice.c %D%/spf_advice.h \
	%D%/spf_finding.h \
	%D%/spf_guess.c %D%/spf_guess.h \
	%D%/spf_guess_gap.c %D%/spf_guess_gap.h \
	%D%/spf_guess_shape.h \
	%D%/spf_guess_value.c %D%/spf_guess_value.h \
	%D%/spf_guess_word.c %D%/spf_guess_word.h \
	%D%/spf_head.c %D%/spf_head.h \
	%D%/spf_lint.c %D%/spf_lint.h \
	%D%/spf_macro.c %D%/spf_macro.h \
	%D%/spf_mend.c %D%/spf_mend.h \
	%D%/spf_overlap.c %D%/spf_overlap.h \
	%D%/spf_range.c %D%/spf_range.h \
	%D%/spf_record.c %D%/spf_record.h \
	%D%/spf_strange.c %D%/spf_strange.h \
	%D%/spf_term.c %D%/spf_term.h \
	%D%/suffix.c %D%/suffix.h \
	%D%/tag_list.c %D%/tag_list.h \
	%D%/zone_text.c %D%/zone_text.h
