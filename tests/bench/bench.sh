#!/bin/bash
# make bench: how fast, against what.  Ratios in one run, printed, never asserted.
#   BENCH_CLIENTS=2000 BENCH_SENDERS=10 (of each) BENCH_ROUNDS=3
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh"
[ -x "$top_builddir/senderctl" ] || skip_all "senderctl is not built yet"
if grep -qs -- -fsanitize=address "$top_builddir/config.log"; then
	note "this build has sanitizers: configure without --enable-strict for figures"
fi
house_up
python3 "$top_srcdir/tests/bench/measure.py" "$HOUSE"
