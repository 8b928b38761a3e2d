# fuzzers of names, addresses and records, of the SPF merge, and of templates
FUZZERS += name_fuzz key_record_fuzz spf_merge_fuzz mustache_fuzz
FUZZED += core/base/base64.c core/handover/mustache.c core/plan/spf_draft.c core/plan/spf_merge.c \
	core/plan/spf_place.c core/plan/spf_unite.c core/record/spf_term.c core/record/dkim_record.c \
	core/record/dmarc_record.c core/record/tag_list.c core/record/zone_text.c
EXTRA_DIST += %D%/name_fuzz.c %D%/key_record_fuzz.c %D%/spf_merge_fuzz.c %D%/mustache_fuzz.c
