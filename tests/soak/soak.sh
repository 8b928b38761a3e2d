#!/bin/bash
# make soak: thousands of domains, lost packets, dead servers, two monitors that are killed; each change is told once.
#   SOAK_DOMAINS=20000 SOAK_SECONDS=600 SOAK_SEED=... (printed, to repeat a run)
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"
house_up
python3 "$top_srcdir/tests/soak/soak.py" "$HOUSE"
