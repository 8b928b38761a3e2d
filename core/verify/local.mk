# core/verify: what this room is made of
core_libcore_a_SOURCES += \
	%D%/answer_memory.c %D%/answer_memory.h \
	%D%/authorisation_check.c %D%/authorisation_check.h \
	%D%/authority.c %D%/authority.h \
	%D%/diagnosis.c %D%/diagnosis.h \
	%D%/dkim_check.c %D%/dkim_check.h \
	%D%/dmarc_check.c %D%/dmarc_check.h \
	%D%/dns_message.c %D%/dns_message.h \
	%D%/domain_check.c %D%/domain_check.h \
	%D%/evidence.c %D%/evidence.h \
	%D%/inquiry.c %D%/inquiry.h \
	%D%/misplacement.c %D%/misplacement.h \
	%D%/mispointing.c %D%/mispointing.h \
	%D%/misspelling.c %D%/misspelling.h \
	%D%/misstatement.c %D%/misstatement.h \
	%D%/mistagging.c %D%/mistagging.h \
	%D%/mistaken_key.c %D%/mistaken_key.h \
	%D%/resolver.c %D%/resolver.h \
	%D%/smtp_probe.c %D%/smtp_probe.h \
	%D%/spf_check.c %D%/spf_check.h \
	%D%/spf_client.c %D%/spf_client.h \
	%D%/spf_compiler.c %D%/spf_compiler.h \
	%D%/spf_evaluator.c %D%/spf_evaluator.h \
	%D%/spf_foresight.c %D%/spf_foresight.h \
	%D%/spf_guard.c %D%/spf_guard.h \
	%D%/spf_hook.c %D%/spf_hook.h \
	%D%/spf_library.h \
	%D%/spf_loader.c %D%/spf_loader.h \
	%D%/spf_packet.c %D%/spf_packet.h \
	%D%/spf_proof.c %D%/spf_proof.h \
	%D%/spf_sample.c %D%/spf_sample.h \
	%D%/spf_trial.c %D%/spf_trial.h \
	%D%/spf_view.c %D%/spf_view.h \
	%D%/spf_worker.c %D%/spf_worker.h \
	%D%/verdict.c %D%/verdict.h \
	%D%/verdict_store.c %D%/verdict_store.h \
	%D%/zone_cut.c %D%/zone_cut.h
