#!/bin/bash
# The key service survives: callers in thousands, callers that hang, a database that dies, and its own death at any moment.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"
[ -x "$top_builddir/tests/lib/kek_rows" ] || skip_all "tests/lib/kek_rows is not built"

KILLS=${KEYD_KILLS:-22} KEKS=${KEYD_KEKS:-2000} FLOOD=${KEYD_FLOOD:-10000}
socket=$SENDERCTL_STATE/run/keys/socket
storm() { python3 "$top_srcdir/tests/lib/keyd_storm.py" "$socket" "$@"; }
kill_keyd() {
	local pid
	pid=$(keyd_pid)
	kill -KILL "$pid"
	until_true 10 bash -c "! kill -0 $pid"
}
whole() { # rows that lack their other half
	look "SELECT (SELECT count(*) FROM dkim_key k WHERE k.destroyed_at IS NULL AND NOT EXISTS (SELECT FROM dkim_secret s WHERE s.key_id = k.id))
	           + (SELECT count(*) FROM dkim_secret s WHERE EXISTS (SELECT FROM dkim_key k WHERE k.id = s.key_id AND k.destroyed_at IS NOT NULL))
	           + (SELECT count(*) FROM dkim_key k WHERE NOT EXISTS (SELECT FROM request r WHERE r.operation = 'generate' AND r.subject_id = k.id))
	           + (SELECT count(*) FROM relay_bundle b WHERE NOT EXISTS (SELECT FROM request r WHERE r.uuid = b.request))
	           + (SELECT count(*) FROM dkim_key) - (SELECT count(*) FROM event WHERE what = 'key.generate')"
}

# freed memory that a sanitizer keeps back is not the service's
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1
house_up
python3 - "$top_srcdir/tests/lib/acme.json" > "$HOUSE/vendor.json" <<'END'
import json, sys
vendor = json.load(open(sys.argv[1]))
client = vendor['providers'][0]['clients'][0]
client['senders'] = [{'address': f'academy@acme{i}.example', 'mode': 'relayed', 'site': client['sites'][0]['url']} for i in range(51)]
print(json.dumps(vendor))
END
senderctl import "$HOUSE/vendor.json" > /dev/null || bail "the vendor is not imported"
senderctl relay enrol lms/mx1 "$(field "$(senderctl relay keygen --json)" '["identity"]')" > /dev/null || bail "no relay"
provider=$(look "SELECT provider_id FROM provider") relay=$(look "SELECT id FROM relay")
mapfile -t domains < <(look "SELECT id FROM domain WHERE name LIKE 'acme%' ORDER BY id")
spare=${domains[50]} domains=("${domains[@]:0:50}")

# ---------------------------------------------------------------- many, and hanging

pid=$(keyd_pid)
memory() { awk '/VmHWM/ { print $2 }' "/proc/$pid/status"; }
before=$(memory)
run storm flood "$FLOOD"
note "$output $complaint"
is "$FLOOD questions at once: each is answered, or refused in a sentence" \
	"$(python3 -c 'import json,sys; x=json.loads(sys.argv[1]); print(x["answered"]+x["refused"])' "$output")" "$FLOOD"
ok "some are refused: it is too often" test "$(field "$output" '["refused"]')" -gt 0
ok "and its memory stays what it was (+$(($(memory) - before)) kB)" test $(($(memory) - before)) -lt 20000
run storm hang
note "$output $complaint"
is "who does not read his answers has to go" "$(field "$output" '["deaf"]')" True
is "and nobody keeps it from answering somebody else" "$(field "$output" '["answered"]')" True
ok "for long" python3 -c 'import json,sys; sys.exit(json.loads(sys.argv[1])["seconds"] > 3)' "$output"
is "it is still the same process" "$(keyd_pid)" "$pid"

# ---------------------------------------------------------------- a database that dies

STORM_KILLS=$(head -n 1 "$SENDERCTL_STATE/cluster/postmaster.pid") \
	storm generate "$HOUSE/requests" "$provider" "${domains[@]}" > "$HOUSE/first"
note "$(cat "$HOUSE/first")"
is "the database dies while fifty keys are made: each is answered or refused" "$(field "$(cat "$HOUSE/first")" '["silent"]')" 0
ok "some were under way" test "$(field "$(cat "$HOUSE/first")" '["refused"]')" -gt 0
until_true 10 bash -c '! psql -XAtq -h "$SENDERCTL_STATE/run/db" -U senderctl_admin senderctl -c "SELECT 1"'
senderctl up > /dev/null
run storm generate "$HOUSE/requests" "$provider" "${domains[@]}"
note "$output"
is "asked again under the same names, all are there" "$(field "$output" '["made"]')" 50
is "those that were made before are the same" "$(field "$output" '["other"]')" 0
is "and none was made twice" "$(look "SELECT count(*) FROM dkim_key")" 50
is "rows are whole" "$(whole)" 0

# ---------------------------------------------------------------- a bundle of thousands

mapfile -t keys < <(look "SELECT uuid FROM dkim_key ORDER BY id LIMIT 10")
run storm meanwhile "$HOUSE/bundle" 3000 "$provider" "$relay" "$spare" "${keys[@]}"
note "$output $complaint"
is "a bundle of 3,000 keys is made" "$(field "$output" '["entries"]')" 3000
ok "meanwhile others are answered, between any two portions" test "$(field "$output" '["answered"]')" -ge 20
ok "and another key is made" test "$(field "$output" '["made"]')" != None
mkdir "$HOUSE/tree"
ok "the relay opens it, every portion of it" senderctl-relay install --identity "$SENDERCTL_STATE/relay/identity/key" \
	--bundle "$HOUSE/bundle" --root "$HOUSE/tree" --state "$HOUSE/last" --any-parents --signer "$(signing_key)"
is "and has 3,000 files" "$(find "$HOUSE/tree" -type f | wc -l)" 3000

# ---------------------------------------------------------------- its own death

uuid=$(look "SELECT uuid FROM provider")
"${as_keyd[@]}" "$top_builddir/tests/lib/kek_rows" make "$SENDERCTL_STATE/keys/master.key" "$uuid" "$KEKS" |
	awk -F '\t' -v p="$provider" '{ print p "\t" $1 "\t" $2 "\t" $3 "\t\\\\x" $4 "\tnow" }' > "$HOUSE/keks"
psql -XAtq -h "$SENDERCTL_STATE/run/db" -U senderctl_admin senderctl -c "SET search_path = senderctl" \
	-c "\\copy kek (provider_id, uuid, mk_uuid, mk_version, sealed, retired_at) FROM '$HOUSE/keks'" || note "no rows"
readable() { # of all keys of the provider
	look "SELECT k.uuid || E'\t' || mk_uuid || E'\t' || mk_version || E'\t' || encode(sealed, 'hex') FROM kek k" |
		"${as_keyd[@]}" "$top_builddir/tests/lib/kek_rows" check "$SENDERCTL_STATE/keys/master.key" "$uuid"
}
all=$((KEKS + 1))
is "there are $all keys of a provider, and each opens" "$(readable)" "$all"
mapfile -t keys < <(look "SELECT uuid FROM dkim_key ORDER BY id LIMIT 10")
background reader python3 "$top_srcdir/tests/lib/keyd_storm.py" "$socket" bundles "$HOUSE/stop" "$provider" "$relay" "${keys[@]}"
reader=${house_pids[-1]}
lost=0 rotations=0 interrupted=0 seed=${KEYD_SEED:-$RANDOM}
RANDOM=$seed
note "seed $seed"
for ((i = 0; i < KILLS; i++)); do
	status=$(senderctl key master status --json)
	if [[ $status == *'"running": false'* ]]; then
		if [[ $(ls "$SENDERCTL_STATE/keys") == *master.key.* ]]; then
			old=$(look "SELECT min(version) FROM master_key WHERE retired_at IS NULL")
			senderctl key master retire "$old" --yes > /dev/null 2>&1
		fi
		senderctl key master rotate --yes --no-wait > /dev/null 2>&1
		rotations=$((rotations + 1))
	fi
	sleep "0.0$((RANDOM % 10))"
	kill_keyd
	[ "$(look "SELECT count(DISTINCT mk_version) FROM kek")" = 1 ] || interrupted=$((interrupted + 1))
	[ "$(readable)" = "$all" ] || lost=$((lost + 1))
	senderctl up > /dev/null 2> "$HOUSE/complaint" || { note "$(cat "$HOUSE/complaint")"; break; }
done
until_true 30 bash -c 'senderctl key master status --json | grep -q "\"running\": false"'
touch "$HOUSE/stop"
wait "$reader"
note "$rotations rotations, $i kills, $interrupted in the middle of one; the reader: $(cat "$HOUSE/reader.log")"
is "killed $KILLS times while the master key is relieved: none of $all is ever unreadable" "$lost" 0
ok "it was killed in the middle of it" test "$interrupted" -gt 0
is "nor is one to a reader all the while" "$(field "$(cat "$HOUSE/reader.log")" '["bad"]')" 0
ok "who read many" test "$(field "$(cat "$HOUSE/reader.log")" '["good"]')" -gt 20
is "in the end all hang on one version" "$(look "SELECT count(DISTINCT mk_version) FROM kek")" 1
is "and open" "$(readable)" "$all"

look "ALTER TABLE dkim_key DISABLE TRIGGER USER; UPDATE dkim_key SET cancelled_at = now() WHERE id % 5 = 0; ALTER TABLE dkim_key ENABLE TRIGGER USER" > /dev/null
for i in 1 2 3; do
	storm generate "$HOUSE/more$i" "$provider" "${domains[@]}" > /dev/null 2>&1 &
	one=$!
	senderctl key destroy "acme$((i * 5 - 1)).example" "$(look "SELECT selector FROM dkim_key WHERE id = $((i * 5))")" --yes > /dev/null 2>&1 &
	two=$!
	sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
	kill_keyd
	wait $one $two
	senderctl up > /dev/null
done
is "killed while keys are made and destroyed: every row is whole" "$(whole)" 0

# ---------------------------------------------------------------- to the end

"${as_keyd[@]}" env LSAN_OPTIONS=exitcode=23 "$top_builddir/senderkeyd" --master-key "$SENDERCTL_STATE/keys/master.key" \
	--socket "$SENDERCTL_STATE/run/keys/second" --unconfined \
	--database "$(tr '\0' '\n' < "/proc/$(keyd_pid)/cmdline" | grep dbname)" > "$HOUSE/second.log" 2>&1 &
second=$!
socket=$SENDERCTL_STATE/run/keys/second
until_true 10 test -S "$socket"
storm generate "$HOUSE/requests" "$provider" "${domains[@]:0:5}" > /dev/null
storm flood 100 > /dev/null
kill -TERM $second
wait $second
is "one that serves and ends leaves nothing behind" "$? $(grep -c Sanitizer "$HOUSE/second.log")" "0 0"
finish
