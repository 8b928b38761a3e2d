#!/bin/bash
# How long the master key takes to be relieved: BENCH_KEKS keys of a provider, wrapped again by the
# service that serves meanwhile, beside the bare cryptography of the same rows.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
count=${BENCH_KEKS:-100000} socket=$SENDERCTL_STATE/run/keys/socket
now() { date +%s.%N; }

house_up
senderctl provider add lms --title lms --hosting-domain lms.vendor.example --default-sender no@lms.vendor.example \
	--spf-host _spf.lms.vendor.example > /dev/null
provider=$(look "SELECT provider_id FROM provider") uuid=$(look "SELECT uuid FROM provider")
"${as_keyd[@]}" "$top_builddir/tests/lib/kek_rows" make "$SENDERCTL_STATE/keys/master.key" "$uuid" "$count" > "$HOUSE/rows"
began=$(now)
good=$("${as_keyd[@]}" "$top_builddir/tests/lib/kek_rows" check "$SENDERCTL_STATE/keys/master.key" "$uuid" < "$HOUSE/rows")
bare=$(now)
awk -F '\t' -v p="$provider" '{ print p "\t" $1 "\t" $2 "\t" $3 "\t\\\\x" $4 "\tnow" }' "$HOUSE/rows" > "$HOUSE/keks"
psql -XAtq -h "$SENDERCTL_STATE/run/db" -U senderctl_admin senderctl -c "SET search_path = senderctl" \
	-c "\\copy kek (provider_id, uuid, mk_uuid, mk_version, sealed, retired_at) FROM '$HOUSE/keks'"
background asking python3 -c '
import json, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
times = []
while True:
    at = time.monotonic()
    s.send(b"{\"op\":\"status\",\"n\":1}")
    json.loads(s.recv(65536))
    times.append(time.monotonic() - at)
    open(sys.argv[2], "w").write("%.0f ms, longest %.0f ms" % (1000 * sorted(times)[len(times) // 2], 1000 * max(times)))
    time.sleep(0.02)
' "$socket" "$HOUSE/waited"
backend=$(look "SELECT pid FROM pg_stat_activity WHERE usename = (SELECT role('keyd')) LIMIT 1")
spent() { awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hz }' "/proc/$1/stat"; } # seconds of a process
service_was=$(spent "$(keyd_pid)") database_was=$(spent "$backend")
start=$(now)
senderctl key master rotate --yes > /dev/null
end=$(now)
service=$(spent "$(keyd_pid)") database=$(spent "$backend")
left=$(look "SELECT count(*) FROM kek WHERE mk_version = 1")
awk -v a="$began" -v b="$bare" -v s="$start" -v e="$end" -v n="$count" -v left="$left" -v good="$good" -v w="$(cat "$HOUSE/waited")" \
	-v s1="$(awk "BEGIN { print $service - $service_was }")" -v s2="$(awk "BEGIN { print $database - $database_was }")" 'BEGIN {
	printf "%d keys wrapped again: %.1f s, %.0f a second (%d left)\n", n, e - s, n / (e - s), left
	printf "processor time of each: %.3f ms in the service, %.3f ms in PostgreSQL\n", 1000 * s1 / n, 1000 * s2 / n
	printf "open, seal, open of the same rows alone: %.1f s, %.0f a second (%d opened)\n", b - a, n / (b - a), good
	printf "others were answered meanwhile: median %s\n", w }'
exit 0
