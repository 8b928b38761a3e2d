# tests/fuzz: can input hurt?  Not part of the ordinary build; needs clang.
#
#   make fuzz                      build the fuzzers
#   make check-fuzz                run each for FUZZ_SECONDS (20) on its corpus
#   make check-fuzz FUZZ_SECONDS=3600
#   make check-fuzz FUZZ_SEED=7    the same inputs in the same order again; 0 is another each time
#
# A fuzzer NAME is NAME.c and corpus/NAME/; all of them link what FUZZED lists.
FUZZ_CC = clang
FUZZ_SECONDS = 20
FUZZ_SEED = 0
FUZZ_CFLAGS = -std=c17 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
FUZZERS = spf_record_fuzz spf_macro_fuzz dns_message_fuzz spf_check_fuzz
FUZZED = core/base/arena.c core/base/err.c core/base/text.c core/base/utf8.c core/record/spf_lint.c \
	core/record/spf_advice.c core/record/spf_guess.c core/record/spf_guess_gap.c \
	core/record/spf_guess_value.c core/record/spf_guess_word.c \
	core/record/spf_head.c core/record/spf_overlap.c core/record/spf_range.c core/record/spf_strange.c \
	core/record/spf_macro.c core/record/spf_record.c core/verify/dns_message.c \
	core/verify/spf_check.c core/verify/spf_client.c core/verify/spf_compiler.c \
	core/verify/spf_guard.c core/verify/spf_hook.c core/verify/spf_loader.c
FUZZ_LIBS = $(SPF2_LIBS) $(RESOLV_LIBS)
EXTRA_DIST += %D%/spf_record_fuzz.c %D%/spf_macro_fuzz.c %D%/dns_message_fuzz.c \
	%D%/spf_check_fuzz.c %D%/corpus

include %D%/import.mk
include %D%/keys.mk
include %D%/record.mk

FUZZ_COMPILE = $(FUZZ_CC) $(FUZZ_CFLAGS) -D_GNU_SOURCE -I. -I$(abs_top_builddir) \
	-include $(abs_top_builddir)/config.h -include core/base/banned.h

.PHONY: fuzz check-fuzz
fuzz: $(BUILT_SOURCES)
	$(MKDIR_P) tests/fuzz/objects
	cd $(top_srcdir) && printf '%s\n' $(FUZZED) | xargs -P 2 -I% sh -c \
		'$(FUZZ_COMPILE) -fsanitize=fuzzer-no-link -c % -o $(abs_top_builddir)/tests/fuzz/objects/$$(echo % | tr / _).o'
	rm -f tests/fuzz/libfuzzed.a
	$(AR) crs tests/fuzz/libfuzzed.a tests/fuzz/objects/*.o
	cd $(top_srcdir) && printf '%s\n' $(FUZZERS) | xargs -P 2 -I% sh -c \
		'$(FUZZ_COMPILE) -fsanitize=fuzzer -o $(abs_top_builddir)/tests/fuzz/% tests/fuzz/%.c \
		$(abs_top_builddir)/tests/fuzz/libfuzzed.a $(FUZZ_LIBS)'

# What is found new stays in tests/fuzz/found/NAME of the build; what breaks, in tests/fuzz/found.
check-fuzz: fuzz
	printf '%s\n' $(FUZZERS) | xargs -P 2 -I% sh -c 'mkdir -p tests/fuzz/found/% && \
		tests/fuzz/% -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=20 -seed=$(FUZZ_SEED) \
			-artifact_prefix=tests/fuzz/found/ tests/fuzz/found/% \
			$(abs_top_srcdir)/tests/fuzz/corpus/% > tests/fuzz/%.log 2>&1 || \
			{ tail -n 40 tests/fuzz/%.log; exit 1; }; \
		echo "%: $$(tail -n 1 tests/fuzz/%.log)"'

clean-local: clean-fuzz
.PHONY: clean-fuzz
clean-fuzz:
	rm -rf tests/fuzz/found tests/fuzz/objects tests/fuzz/libfuzzed.a $(FUZZERS:%=tests/fuzz/%) $(FUZZERS:%=tests/fuzz/%.log)
