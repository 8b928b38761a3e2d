# tests/bench: how fast, against what.  make bench BENCH_CLIENTS=100000
EXTRA_DIST += %D%/bench.sh %D%/measure.py

.PHONY: bench
bench: all
	@top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
	BENCH_CLIENTS='$(BENCH_CLIENTS)' BENCH_SENDERS='$(BENCH_SENDERS)' BENCH_ROUNDS='$(BENCH_ROUNDS)' \
	bash $(srcdir)/tests/bench/bench.sh

BENCH_CLIENTS = 2000
BENCH_SENDERS = 10
BENCH_ROUNDS = 3

# What the guard around libspf2 costs.
EXTRA_PROGRAMS += %D%/spf_bench
%C%_spf_bench_SOURCES = %D%/spf_bench.c
%C%_spf_bench_LDADD = $(CORE_LIBS)

# What a merge costs, with its proof.
EXTRA_PROGRAMS += %D%/spf_merge_bench
%C%_spf_merge_bench_SOURCES = %D%/spf_merge_bench.c
%C%_spf_merge_bench_LDADD = $(CORE_LIBS)

.PHONY: bench-spf
bench-spf: %D%/spf_bench$(EXEEXT) %D%/spf_merge_bench$(EXEEXT)
	tests/bench/spf_bench
	tests/bench/spf_merge_bench
