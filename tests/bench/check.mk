# Full checks a second, against dnsperf on the same server.
EXTRA_PROGRAMS += %D%/check_bench
%C%_check_bench_SOURCES = %D%/check_bench.c
%C%_check_bench_LDADD = $(CORE_LIBS)
EXTRA_DIST += %D%/check.sh

.PHONY: bench-check
bench-check: %D%/check_bench$(EXEEXT)
	@top_builddir='$(abs_top_builddir)' BENCH_DOMAINS='$(BENCH_DOMAINS)' BENCH_AT_ONCE='$(BENCH_AT_ONCE)' \
	BENCH_ROUNDS='$(BENCH_ROUNDS)' bash $(srcdir)/tests/bench/check.sh
BENCH_DOMAINS = 20000
BENCH_AT_ONCE = 500
