#!/bin/bash
# make bench-check: full checks a second against dnsperf's rate on the same name server, and
# against what others do with the same domains.
#   BENCH_DOMAINS=20000 BENCH_AT_ONCE=1000 BENCH_ROUNDS=4 BENCH_PEER_DOMAINS=200
#   BENCH_MEMORY_DOMAINS=100000 (0: not measured) BENCH_DELAY=20 (milliseconds each way; 0: not measured)
set -u
: "${top_builddir:?}"
here=$(cd "$(dirname "$0")" && pwd) || exit 1
for tool in nsd dnsperf openssl; do command -v $tool > /dev/null || { echo "needs $tool"; exit 1; }; done

# A network of our own, where the name server has port 53: peers know no other.
if [ -z "${BENCH_INSIDE:-}" ]; then
	export BENCH_INSIDE=no
	if unshare -n -m ip link set lo up 2> /dev/null; then
		BENCH_INSIDE=yes exec unshare -n -m bash "$0"
	fi
fi
if [ "$BENCH_INSIDE" = yes ]; then
	ip link set lo up
	conf=$(mktemp) && echo 'nameserver 127.0.0.1' > "$conf"
	mount --bind "$conf" /etc/resolv.conf && rm -f "$conf"
fi
exec /usr/bin/python3 -B "$here/check.py"
