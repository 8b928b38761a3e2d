#!/bin/bash
# Private bytes after heavy use: looked for in memory, in what programs say, on disk. None lies outside guarded pages.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"
[ -x "$top_builddir/tests/lib/needle" ] || skip_all "tests/lib/needle is not built"
[ "$(id -u)" = 0 ] || skip_all "only root can look into the memory of the key service"
for program in openssl strace pg_dump; do
	command -v $program > /dev/null || skip_all "no $program"
done

DOMAINS=${NEEDLE_DOMAINS:-9} # two RSA keys and one Ed25519 key each
known=$HOUSE/known           # here, and only here, private bytes may lie in files
needles=$known/needles
mkdir -m 700 "$known"
mkdir -m 1777 "$HOUSE/tmp"
export TMPDIR=$HOUSE/tmp
family() { echo "$1"; pgrep -P "$1"; }
needle() { python3 "$top_srcdir/tests/lib/needle.py" "$@"; }
labels() { python3 -c 'import json,sys; print(*sorted({h.split()[0] for h in json.loads(sys.argv[1])[sys.argv[2]]}))' "$output" "$1"; }
none() { is "$1" "$(field "$output" "['$2']")" "[]"; } # NAME PART, of the last output

# ---------------------------------------------------------------- heavy use

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$HOUSE/ours.key" -out "$HOUSE/ours.pem" -days 30 \
	-subj /CN=submission.acme.example -addext subjectAltName=DNS:submission.acme.example 2> /dev/null
echo '{"zones": [{"apex": "", "servers": ["127.0.0.9"], "names": ["root"],
	"records": [["submission.acme.example", "A", "127.0.0.1"]]}]}' > "$HOUSE/world.json"
names_up
cat > "$SENDERCTL_CONFIG" <<END
dns { resolvers = {"127.0.0.1:$port"} authoritative_port = $port timeout = 1.0 }
probe { ca_file = "$HOUSE/ours.pem" }
keys { pool = 3 }
relay { name = "lms/mx1" identity = "$known/identity" }
END
house_up
python3 - "$top_srcdir/tests/lib/acme.json" "$DOMAINS" > "$HOUSE/vendor.json" <<'END'
import json, sys
vendor = json.load(open(sys.argv[1]))
client = vendor['providers'][0]['clients'][0]
url = client['sites'][0]['url']
client['smarthosts'] = [{'host': 'submission.acme.example', 'port': 587, 'tls': 'starttls', 'auth_user': 'vendor'}]
client['senders'] = [{'address': f'academy@acme{i}.example', 'mode': 'relayed', 'site': url} for i in range(int(sys.argv[2]))]
client['senders'].append({'address': 'press@direct.example', 'mode': 'direct', 'site': url})
print(json.dumps(vendor))
END
senderctl import "$HOUSE/vendor.json" > "$HOUSE/import.log" 2>&1 || bail "$(cat "$HOUSE/import.log")"
cp "$SENDERCTL_STATE/keys/master.key" "$known/master.1"

for name in import later; do openssl genrsa -out "$known/$name.pem" 2048 2> /dev/null; done
echo "horse $RANDOM battery staple $RANDOM correct" > "$known/password"
run senderctl key import acme0.example imported --file - < "$known/import.pem"
status_is "the service takes in a key" 0
senderctl key generate --all > /dev/null
for ((i = 0; i < DOMAINS; i++)); do
	senderctl key generate acme$i.example --standby
	senderctl key generate acme$i.example --standby --algorithm ed25519
done > /dev/null
run senderctl smarthost secret lms/acme submission.acme.example --file "$known/password"
status_is "and a password" 0
ok "and makes keys" test "$(look "SELECT count(*) FROM dkim_secret")" -ge $((3 * DOMAINS))
senderctl handover issue lms/acme > /dev/null
background submission env SUBMISSION_PASSWORD="$(cat "$known/password")" python3 "$top_srcdir/tests/lib/submission.py" "$HOUSE/submission" "$HOUSE/ours.pem" "$HOUSE/ours.key" good
until_true 10 test -s "$HOUSE/submission" || bail "the submission server does not start"
rm "$HOUSE/ours.key" # that server's own is no secret of ours
look "UPDATE smarthost SET port = $(cat "$HOUSE/submission")" > /dev/null
run senderctl check direct.example --json
has "it logs in with the password" "$output" "the login works"

identity=$(field "$(senderctl relay keygen --identity "$known/identity" --json)" '["identity"]')
senderctl relay enrol lms/mx1 "$identity" --yes > /dev/null
signer=$(signing_key)
mkdir "$known/tree"
unseal() { # unseal BUNDLE-FOLDER TREE
	echo senderctl-relay install --identity "$known/identity" --bundle "$1/BUNDLE" --signer "$signer" \
		--root "$known/$2" --state "$known/$2.last" --any-parents
}
safe=$(mktemp -d /var/lib/senderctl-test.XXXXXX) || exit 99 # no key is installed below /tmp
at_end rm -rf "$safe"
export_to() { senderctl export lms/mx1 --output "$1" --include-unverified > /dev/null; }
export_to "$HOUSE/out1"
# shellcheck disable=SC2046
ok "a relay unseals what was sealed for it" $(unseal "$HOUSE/out1" tree)
run senderctl key master rotate --yes
status_is "the master key is relieved" 0
cp "$SENDERCTL_STATE/keys/master.key.2" "$known/master.2"
run senderctl key master retire 1 --yes
status_is "and the former one retired" 0
gone=$(look "SELECT d.name || ' ' || k.selector FROM dkim_key k JOIN domain d ON d.id = k.domain_id
	WHERE d.name IN ('acme1.example', 'acme2.example') ORDER BY k.id")
while read -r domain selector; do
	senderctl key cancel "$domain" "$selector" --yes
	senderctl key destroy "$domain" "$selector" --yes
done <<< "$gone" > /dev/null 2>&1
is "keys are given up and destroyed" "$(look "SELECT count(*) FROM dkim_secret s JOIN dkim_key k ON k.id = s.key_id
	JOIN domain d ON d.id = k.domain_id WHERE d.name IN ('acme1.example', 'acme2.example')")" 0
for i in 2 3 4; do export_to "$HOUSE/out$i"; done
mapfile -t pems < <(find "$known/tree" -name '*.pem')
is "the relay got them all" "${#pems[@]}" $((3 * DOMAINS))
run needle list "$needles" "$known"/master.[12] "$known/password" "$known/later.pem" "${pems[@]}"
note "$output"
is "what to look for: six numbers of an RSA key, one of Ed25519, and the others" \
	"$(field "$output" '["secrets"]')" $((3 + DOMAINS * 13 + 6))

# ---------------------------------------------------------------- the searcher finds what is there

pem=$(find "$known/tree" -name imported.pem)
background holder python3 -u -c 'import base64, sys, time
der = base64.b64decode("".join(line for line in open(sys.argv[1]) if "-" not in line))
print("ready"); time.sleep(600)' "$pem"
holder=${house_pids[-1]}
until_true 20 test -s "$HOUSE/holder.log"
run needle memory "$needles" "$holder"
ok "a key in the memory of a careless program is found" test "$(field "$output" '["elsewhere"].__len__()')" -ge 6
none "and that is no guarded page" guarded
kill "$holder"
mkdir "$HOUSE/control"
openssl pkey -in "$pem" -outform DER > "$known/der"
tail -c 700 "$known/der" | python3 -c 'import sys; print(sys.stdin.buffer.read().hex())' > "$HOUSE/control/hex"
tail -c +2 "$known/der" | base64 > "$HOUSE/control/base64"
tail -c 40 "$known/der" > "$HOUSE/control/part"
for form in hex base64 part; do
	run needle files "$needles" "$HOUSE/control/$form"
	has "one in a file is found: $form" "$output" "in $HOUSE/control/$form"
done
rm -r "$HOUSE/control"
run needle watch "$needles" openssl pkey -in "$pem" -noout
ok "one that a program reads is found" test "$(field "$output" '["said"].__len__()')" -ge 1

# ---------------------------------------------------------------- memory

pid=$(keyd_pid)
mapfile -t processes < <(family "$pid")
run needle memory "$needles" "${processes[@]}"
note "${#processes[@]} processes: $(field "$output" '["elsewhere_bytes"]') bytes, and $(field "$output" '["guarded_bytes"]') in guarded pages"
ok "the key service's processes are read" test "$(field "$output" '["elsewhere_bytes"]')" -gt 1000000
none "nothing private lies outside guarded pages" elsewhere
is "within them: the master key in force, and nothing else" "$(labels guarded)" master.2

watched() { # NAME COMMAND...
	local name=$1; shift
	run needle watch "$needles" "$@"
	[[ $(field "$output" '["status"]') == [01] ]] && [ "$(field "$output" '["memory_bytes"]')" -gt 100000 ] &&
		[ "$(field "$output" '["said_bytes"]')" -gt 1000 ]
	tell $? "$name is looked at" || note "$output"
	none "$name: no private bytes are read or written" said
	none "$name: none are in its memory at its end" memory
}
watched "key generate" senderctl key generate acme3.example --standby --algorithm ed25519
watched "key import" senderctl key import acme1.example later --file "$known/later.pem"
watched "smarthost secret" senderctl smarthost secret lms/acme submission.acme.example --file "$known/password"
watched "smarthost secret from a pipe" senderctl smarthost secret lms/acme submission.acme.example < <(cat "$known/password")
watched "export" senderctl export lms/mx1 --output "$HOUSE/out5" --root "$safe" --include-unverified
watched "check with a login" senderctl check direct.example
# it looks whether Postfix' table holds what it should: there the password lies in clear anyway
run needle watch "$needles" senderctl relay install "$HOUSE/out5" --root "$safe" --signer "$signer" --no-reload
is "relay install installs" "$(field "$output" '["status"]')" 0
is "relay install: it reads the passwords of its relay back, and no key" "$(labels said)" password
none "relay install: none are in its memory at its end" memory
mkdir "$known/tree2"
# shellcheck disable=SC2046
run needle watch "$needles" $(unseal "$HOUSE/out5" tree2)
is "what unseals them on the relay writes them" "$(field "$output" '["said"].__len__() > 6')" True
none "and keeps none in its memory" memory

# ---------------------------------------------------------------- cores

cat > "$HOUSE/trace" <<'END'
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
print(os.strerror(ctypes.get_errno()) if libc.ptrace(0x4206, int(sys.argv[1]), 0, 0) < 0 else 'attached')
END
attach() { "${as_keyd[@]}" /usr/bin/python3 "$HOUSE/trace" "$1"; }
for process in "${processes[@]}"; do
	is "process $((process - pid)) is not dumpable: its /proc is root's" "$(stat -c '%U' "/proc/$process/mem")" root
	is "its own user cannot attach to it" "$(attach "$process")" "Operation not permitted"
	refuses() { ! "${as_keyd[@]}" head -c 1 "/proc/$process/$1"; }
	ok "nor read its memory" refuses mem
	is "and it may leave no core" "$(awk '/Max core file size/ { print $5, $6 }' "/proc/$process/limits")" "0 0"
done
"${as_keyd[@]}" sleep 60 &
house_pids+=($!)
until_true 5 grep -q sleep "/proc/$!/comm"
is "(to another process of its own it can)" "$(attach $!)" attached
if command -v gcore > /dev/null; then
	"${as_keyd[@]}" gcore -o "$HOUSE/tmp/gcore" "$pid" > /dev/null 2>&1
	is "gcore writes nothing" "$(find "$HOUSE/tmp" -name 'gcore*' | wc -l)" 0
else
	skip "gcore writes nothing" "no gcore"
fi
touch "$HOUSE/fault"
where=$(readlink "/proc/$pid/cwd")
for signal in SEGV ABRT; do
	pid=$(keyd_pid)
	kill -$signal "$pid"
	until_true 20 bash -c "! kill -0 $pid"
	senderctl up > /dev/null
done
ok "it died of a fault, twice" test "$(keyd_pid)" != "$pid"
is "and leaves no core" "$(find "$where" "$HOUSE" "$SENDERCTL_STATE/keys" /var/crash /var/lib/systemd/coredump \
	-maxdepth 2 -type f -newer "$HOUSE/fault" -name '*core*' 2> /dev/null)" ""
run senderctl export lms/mx1 --output "$HOUSE/out6" --root "$safe" --include-unverified
is "and is there again" "$(wc -c < "$HOUSE/out6/BUNDLE")" "$(wc -c < "$HOUSE/out5/BUNDLE")"

# ---------------------------------------------------------------- files

look "CHECKPOINT" > /dev/null
senderctl history --json > "$HOUSE/history.json"
pg_dump -h "$SENDERCTL_STATE/run/db" -U senderctl_admin senderctl > "$HOUSE/dump.sql"
ok "the dump has the sealed keys" grep -q "COPY senderctl.dkim_secret" "$HOUSE/dump.sql"
ok "there is WAL" bash -c 'ls "$SENDERCTL_STATE"/cluster/pg_wal/0*'
run needle files "$needles" "$HOUSE" -- "$known" "$SENDERCTL_STATE/keys"
note "$(field "$output" '["files"]') files, $(field "$output" '["bytes"]') bytes"
ok "data, WAL, dump, logs, bundles, temporary files: all are read" test "$(field "$output" '["bytes"]')" -gt 30000000
none "none holds private bytes, in whatever form" hits
run needle files "$needles" "$SENDERCTL_STATE/keys"
is "the master key's folder holds the one in force alone" "$(labels hits)" master.2
mapfile -t fresh < <(find /tmp /var/tmp /dev/shm /var/log /var/lib/systemd/coredump -maxdepth 2 -path '/tmp/house.*' -prune -o \
	-type f -newer "$HOUSE/vendor.json" -size -64M -print 2> /dev/null)
journalctl --since "-10 min" > "$HOUSE/journal" 2> /dev/null
run needle files "$needles" "$HOUSE/journal" "${fresh[@]}"
none "nor do the machine's temporary files and logs, ${#fresh[@]} new ones" hits
finish
