# Full checks a second, against dnsperf on the same server and against others on the same domains.
EXTRA_PROGRAMS += %D%/check_bench %D%/far_server
%C%_check_bench_SOURCES = %D%/check_bench.c
%C%_check_bench_LDADD = $(CORE_LIBS)
%C%_far_server_SOURCES = %D%/far_server.c
EXTRA_DIST += %D%/check.sh %D%/check.py %D%/check_peers.py %D%/check_zone.py

.PHONY: bench-check
bench-check: %D%/check_bench$(EXEEXT) %D%/far_server$(EXEEXT)
	@top_builddir='$(abs_top_builddir)' BENCH_DOMAINS='$(BENCH_DOMAINS)' BENCH_AT_ONCE='$(BENCH_AT_ONCE)' \
	BENCH_ROUNDS='$(BENCH_ROUNDS)' BENCH_PEER_DOMAINS='$(BENCH_PEER_DOMAINS)' \
	BENCH_MEMORY_DOMAINS='$(BENCH_MEMORY_DOMAINS)' BENCH_DELAY='$(BENCH_DELAY)' \
	bash $(srcdir)/tests/bench/check.sh
BENCH_DOMAINS = 20000
BENCH_AT_ONCE = 1000
BENCH_PEER_DOMAINS = 200
BENCH_MEMORY_DOMAINS = 100000
BENCH_DELAY = 20
