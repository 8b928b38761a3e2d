#!/bin/bash
# make bench-check: full checks a second against dnsperf's rate on the same name server.
#   BENCH_DOMAINS=20000 BENCH_AT_ONCE=500 BENCH_ROUNDS=3 BENCH_DELAY=20 (milliseconds, in a namespace)
set -u
: "${top_builddir:?}"
domains=${BENCH_DOMAINS:-20000} at_once=${BENCH_AT_ONCE:-500} rounds=${BENCH_ROUNDS:-3}
for tool in nsd dnsperf openssl; do command -v $tool > /dev/null || { echo "needs $tool"; exit 1; }; done
folder=$(mktemp -d) || exit 1
trap 'kill "$server" 2> /dev/null; wait "$server" 2> /dev/null; rm -rf "$folder"' EXIT
server=
port=$(python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$folder/key.pem" 2> /dev/null
echo "v=DKIM1; k=rsa; p=$(openssl pkey -in "$folder/key.pem" -pubout -outform DER | base64 -w 0)" > "$folder/key"
python3 - "$folder" "$domains" <<'END'
import sys
folder, count = sys.argv[1], int(sys.argv[2])
key = open(folder + '/key').read().strip()
def txt(value):
    return ' '.join('"%s"' % value[i:i + 255] for i in range(0, len(value), 255))
with open(folder + '/zone', 'w') as zone, open(folder + '/queries', 'w') as queries:
    zone.write('$ORIGIN bench.example.\n$TTL 300\n@ SOA ns1 hostmaster 1 3600 600 86400 60\n@ NS ns1\nns1 A 127.0.0.1\n'
               '_spf TXT "v=spf1 ip4:192.0.2.0/24 -all"\n')
    for i in range(count):
        d = 'd%06d' % i
        zone.write(f'{d} TXT "v=spf1 include:_spf.bench.example -all"\n_dmarc.{d} TXT "v=DMARC1; p=none"\n'
                   f's1._domainkey.{d} TXT {txt(key)}\ns2._domainkey.{d} TXT {txt(key)}\n')
        for name in ('', '_dmarc.', 's1._domainkey.', 's2._domainkey.'):
            queries.write(f'{name}{d}.bench.example TXT\n')
END
cat > "$folder/nsd.conf" <<END
server:
	ip-address: 127.0.0.1@$port
	username: ""
	zonesdir: "$folder"
	pidfile: "$folder/pid"
	database: ""
	zonelistfile: "$folder/zones"
	xfrdfile: "$folder/xfrd"
	logfile: "$folder/log"
	server-count: 1
	rrl-ratelimit: 0
remote-control:
	control-enable: no
zone:
	name: "bench.example"
	zonefile: "zone"
END
nsd -d -c "$folder/nsd.conf" & server=$!
python3 - "$port" <<'END'
import socket, sys, time
for _ in range(600):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(0.1)
    s.sendto(b'\0\1\1\0\0\1\0\0\0\0\0\0\5bench\7example\0\0\6\0\1', ('127.0.0.1', int(sys.argv[1])))
    try: s.recv(512); break
    except OSError: time.sleep(0.1)
END

echo "$domains domains; per round: dnsperf queries/s, then checks/s, questions a check, microseconds of CPU a check (own + evaluator), MB"
for round in $(seq "$rounds"); do
	rate=$(dnsperf -s 127.0.0.1 -p "$port" -d "$folder/queries" -q 100 -n 1 2> /dev/null | awk '/Queries per second/ { print $4 }')
	for phase in quick full; do
		read -r count good seconds questions own evaluator memory < <("$top_builddir/tests/bench/check_bench" "127.0.0.1:$port" \
			"$domains" "$at_once" "$folder/key" $phase)
		awk -v r="$round" -v phase=$phase -v rate="$rate" -v c="$count" -v g="$good" -v s="$seconds" -v q="$questions" \
			-v own="$own" -v ev="$evaluator" -v m="$memory" 'BEGIN {
			printf "round %d %-5s dnsperf %7.0f/s  checks %6.0f/s  %.2f questions  ratio %.2f  CPU %3.0f + %3.0f us  %d MB%s\n",
				r, phase, rate, c / s, q / c, (c / s) / (rate / (q / c)), own / c * 1e6, ev / c * 1e6, m / 1024,
				g == c ? "" : sprintf("  ONLY %d GOOD", g) }'
	done
done
