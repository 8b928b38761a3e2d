# tests/soak: a long day in bad weather.  make soak SOAK_DOMAINS=20000 SOAK_SECONDS=300 SOAK_SEED=...
EXTRA_DIST += %D%/soak.sh %D%/soak.py %D%/truth.py %D%/reports.py %D%/nameservers.py %D%/failover.py

.PHONY: soak
soak: all
	@top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' SOAK_DOMAINS='$(SOAK_DOMAINS)' \
	SOAK_SECONDS='$(SOAK_SECONDS)' SOAK_SEED='$(SOAK_SEED)' bash $(srcdir)/tests/soak/soak.sh
SOAK_DOMAINS = 20000
SOAK_SECONDS = 300
