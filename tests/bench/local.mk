# tests/bench: how fast, against what.  make bench BENCH_CLIENTS=100000
EXTRA_DIST += %D%/bench.sh %D%/measure.py %D%/spf_peers.py

.PHONY: bench
bench: all bench-spf
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

# A domain's record through DNS, against pyspf.
EXTRA_PROGRAMS += %D%/spf_dns_bench
%C%_spf_dns_bench_SOURCES = %D%/spf_dns_bench.c
%C%_spf_dns_bench_LDADD = $(CORE_LIBS)

.PHONY: bench-spf
bench-spf: %D%/spf_bench$(EXEEXT) %D%/spf_merge_bench$(EXEEXT) %D%/spf_dns_bench$(EXEEXT)
	tests/bench/spf_bench
	tests/bench/spf_merge_bench
	/usr/bin/python3 '$(srcdir)/tests/bench/spf_peers.py' tests/bench/spf_dns_bench

# The master key relieved under 100,000 keys.
EXTRA_DIST += %D%/rewrap.sh
BENCH_KEKS = 100000
.PHONY: bench-rewrap
bench-rewrap: all tests/lib/kek_rows$(EXEEXT)
	@top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' BENCH_KEKS='$(BENCH_KEKS)' \
	bash $(srcdir)/tests/bench/rewrap.sh

# key advance among a hundred thousand keys.
EXTRA_DIST += %D%/advance_bench.sh
BENCH_KEYS = 100000

.PHONY: bench-advance
bench-advance: all
	@top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' BENCH_KEYS='$(BENCH_KEYS)' \
	bash $(srcdir)/tests/bench/advance_bench.sh
