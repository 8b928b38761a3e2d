#!/bin/bash
# make bench-keys: keys a second through the real service, against OpenSSL alone and against what
# others use.  Printed, never asserted.
#   KEYS=16 (of a slice) ROUNDS=3 BENCH_POOL=1000 BENCH_ED25519=10000 BENCH_KEKS=100000; 0 leaves a part out
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
if grep -qs -- -fsanitize=address "$top_builddir/config.log"; then
	note "this build has sanitizers: configure without --enable-strict for figures"
fi
house_up
python3 -B "$top_srcdir/tests/bench/keys.py" || exit 1
[ "${BENCH_KEKS:-0}" = 0 ] || bash "$top_srcdir/tests/bench/rewrap.sh"
