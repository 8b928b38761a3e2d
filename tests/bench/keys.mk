# Keys a second through the real service, against what OpenSSL alone does; make bench-keys KEYS=16 ROUNDS=3
EXTRA_PROGRAMS += %D%/keys_raw %D%/keys_service
%C%_keys_raw_SOURCES = %D%/keys_raw.c %D%/keys_stream.c %D%/keys_stream.h
%C%_keys_raw_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS) $(CRYPTO_CFLAGS)
%C%_keys_raw_LDADD = keys/libkeys.a $(CORE_LIBS) $(CRYPTO_LIBS)
# senderkeyd itself, with an ear at what its keys cost
%C%_keys_service_SOURCES = keys/senderkeyd.c %D%/keys_hooks.c %D%/keys_stream.c %D%/keys_stream.h
%C%_keys_service_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS) $(CRYPTO_CFLAGS)
%C%_keys_service_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=EVP_PKEY_Q_keygen -Wl,--wrap=signal
%C%_keys_service_LDADD = $(senderkeyd_LDADD)
EXTRA_DIST += %D%/keys.sh %D%/keys.py

.PHONY: bench-keys
bench-keys: all %D%/keys_raw$(EXEEXT) %D%/keys_service$(EXEEXT) tests/lib/kek_rows$(EXEEXT)
	@top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' KEYS='$(KEYS)' BENCH_ROUNDS='$(BENCH_ROUNDS)' \
	BENCH_POOL='$(BENCH_POOL)' BENCH_ED25519='$(BENCH_ED25519)' BENCH_KEKS='$(BENCH_KEKS)' \
	bash $(srcdir)/tests/bench/keys.sh
# keys of a slice, two slices of each way a round; ROUNDS=N stands for BENCH_ROUNDS=N
KEYS = 16
BENCH_POOL = 1000
BENCH_ED25519 = 10000
