#!/bin/bash
# The life of keys: made by the key service alone, sealed, relieved, retired, destroyed.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"
command -v openssl > /dev/null || skip_all "no openssl to read keys with"

keys_socket=$SENDERCTL_STATE/run/keys/socket
key_of() { field "$(senderctl key list acme.example --json)" "[$1]['$2']"; }
states() { senderctl key list acme.example --json | python3 -c 'import json,sys
print(" ".join(k["selector"] + "=" + k["state"] for k in json.load(sys.stdin)))'; }
waits() { python3 -c 'import json,sys
print(" ".join(w for k in json.loads(sys.argv[1]) if k["selector"] == sys.argv[2] for w in k["waits_for"]))' "$output" "$1"; }

# One zone with whatever records the sheets ask for: the customer copies them as they are.
publish() { # publish SELECTOR...
	senderctl record list acme.example --json > "$HOUSE/records.json"
	world_is python3 - "$HOUSE/records.json" "$@" <<-'END'
	import json, sys
	wanted = sys.argv[2:]
	records = [[r['name'], 'TXT', r['strings']] for r in json.load(open(sys.argv[1]))
	           if r['purpose'] == 'dkim' and r['name'].split('.')[0] in wanted]
	zones = [{'apex': '', 'servers': ['127.0.0.9'], 'names': ['root']},
	         {'apex': 'acme.example', 'servers': ['127.0.0.2', '127.0.0.3'], 'records': records}]
	json.dump({'zones': zones}, sys.stdout)
	END
}
# The relay's part of a rotation: take what is there, and say so.
relay_takes() {
	rm -rf "$HOUSE/out"
	senderctl export lms/mx1 --output "$HOUSE/out" --include-unverified --json > "$HOUSE/export.json" &&
		senderctl relay ack lms/mx1 "$(field "$(cat "$HOUSE/export.json")" '["generation"]')" > /dev/null
}

house_up
run senderctl import "$top_srcdir/tests/lib/acme.json"
status_is "a vendor with one client is imported" 0
look "UPDATE provider SET publish_margin = '1 second', publish_probes = 2, linger = '3 seconds'" > /dev/null

# ---------------------------------------------------------------- made

refused "key generate wants to know for whom" 2 "--all" senderctl key generate
run senderctl key generate --all --dry-run
has "a dry run says what it would do" "$output" "would get a key"
is "and makes none" "$(senderctl key list --json)" "[]"
run senderctl key generate --all --json
status_is "a key is made for who lacks one" 0
like "its selector names the month" "$(field "$output" '[0]["selector"]')" '^s[0-9]{6}a$'
run senderctl key generate --all
has "nobody lacks one now" "$output" "nothing was changed"
run senderctl key generate acme.example --standby
status_is "a second one for the day of need" 0
first=$(key_of 0 selector) standby=$(key_of 1 selector)
run senderctl key list lms/acme
has "the list says what a key waits for" "$output" "senderctl handover issue"
run senderctl key show acme.example "$first" --json
is "show knows its moments" "$(field "$output" '["state"]')" generated
refused "a selector that is none is not found" 4 "has no key" senderctl key show acme.example s200001a

# ---------------------------------------------------------------- kept

is "private halves are sealed, and as many as keys" \
	"$(look "SELECT count(*) || ' ' || count(*) FILTER (WHERE encode(sealed, 'escape') LIKE 'SKE%') FROM dkim_secret")" "2 2"
manager=$(look "SELECT role('manager')") operator=$(look "SELECT role('operator')")
exporter=$(look "SELECT role('exporter')") keyd=$(look "SELECT role('keyd')")
for who in "$manager" "$operator" "$exporter"; do
	for what in "SELECT sealed FROM dkim_secret" "SELECT count(*) FROM dkim_secret" "SELECT sealed FROM kek" \
		"SELECT sealed FROM keyd_key" "SELECT sealed FROM smarthost_secret" "SELECT share FROM escrow_share" \
		"COPY dkim_secret TO STDOUT" "LOCK dkim_secret" "DELETE FROM dkim_secret" "SELECT sealed FROM pool_key" \
		"INSERT INTO relay_key SELECT * FROM relay_key" "UPDATE dkim_key SET public_key = ''" \
		"INSERT INTO dkim_key SELECT * FROM dkim_key" "SELECT mac FROM relay_key"; do
		look "SET ROLE \"$who\"; $what" > "$HOUSE/denied" 2>&1 && note "$who may: $what"
	done
done > "$HOUSE/allowed"
is "no person's role reads or writes what is sealed" "$(cat "$HOUSE/allowed")" ""
look "SET ROLE \"$keyd\"; UPDATE dkim_key SET active_at = now()" > /dev/null 2> "$HOUSE/denied"
has "nor does the service move a key on" "$(cat "$HOUSE/denied")" "permission denied"
look "SET ROLE \"$keyd\"; DELETE FROM dkim_secret" > /dev/null 2> "$HOUSE/denied"
has "nor drop a private half that is needed" "$(cat "$HOUSE/denied")" "only with the life of its key"
run senderctl relay keygen --json
status_is "a relay makes its identity" 0
identity=$(field "$output" '["identity"]') fingerprint=$(field "$output" '["fingerprint"]')
refused "another fingerprint than the one read out is refused" 4 "not the one that was read out" \
	senderctl relay enrol lms/mx1 "$identity" --fingerprint aaaa-bbbb
refused "so is what is no identity" 2 "not the public identity" senderctl relay enrol lms/mx1 skr1:AAAA
run senderctl relay enrol lms/mx1 "$identity" --fingerprint "$fingerprint"
status_is "the right one is enrolled" 0

# ---------------------------------------------------------------- to the relay

senderctl handover issue lms/acme > /dev/null
is "the sheet makes both keys known" "$(states)" "$first=publish-pending $standby=publish-pending"

look "UPDATE dkim_secret a SET sealed = b.sealed FROM dkim_secret b WHERE a.key_id <> b.key_id" > /dev/null
run senderctl export lms/mx1 --output "$HOUSE/swapped" --include-unverified
status_is "a sealed half that was moved to another row does not open" 4
has "and that is what is said" "$complaint" "belongs to another row"
look "UPDATE dkim_secret a SET sealed = b.sealed FROM dkim_secret b WHERE a.key_id <> b.key_id" > /dev/null
look "UPDATE relay_key SET public_key = public_key || ''::bytea, mac = decode(repeat('00', 32), 'hex')" > /dev/null
run senderctl export lms/mx1 --output "$HOUSE/swapped" --include-unverified
status_is "a relay that was written into the table gets nothing" 4
run senderctl relay enrol lms/mx1 "$identity" --yes
status_is "enrolled again, it does" 0

ok "the relay takes the key" relay_takes
signer=$(signing_key)
unseal() { senderctl-relay install --identity "$SENDERCTL_STATE/relay/identity/key" --bundle "$HOUSE/out/BUNDLE" \
	--root "$HOUSE/tree" --state "$HOUSE/last" --any-parents "$@"; }
mkdir "$HOUSE/tree"
run unseal --signer "sks1:$(head -c 32 /dev/zero | base64)"
status_is "a bundle of another signer is not opened" 4
chmod 775 "$HOUSE/tree"
into() { senderctl-relay install --identity "$SENDERCTL_STATE/relay/identity/key" --bundle "$HOUSE/out/BUNDLE" \
	--signer "$signer" --root "$@"; }
run into "$HOUSE/tree"
has "no key goes to where others may exchange it" "$status $complaint" "4 senderctl-relay: others may change $HOUSE/tree,"
mkdir -m 755 "$HOUSE/tree/below"
run into "$HOUSE/tree/below"
has "nor below such a folder" "$status $complaint" "4 senderctl-relay: others may change $HOUSE/tree,"
is "not one file" "$(find "$HOUSE/tree" -type f | wc -l)" 0
rmdir "$HOUSE/tree/below"
run into "$HOUSE/tree" --any-parents --owner signer=nobody-of-this-name
has "an owner is somebody" "$status $complaint" 'there is no user "nobody-of-this-name"'
if [ "$(id -u)" = 0 ]; then
	mkdir "$HOUSE/owned"
	into "$HOUSE/owned" --any-parents --owner signer=nobody > /dev/null
	is "a key belongs to the signer that reads it" "$(stat -c '%U %a' "$(find "$HOUSE/owned" -name "$first.pem")")" "nobody 600"
else
	skip "a key belongs to the signer that reads it" "only root gives files away"
fi
ok "the relay opens its bundle" unseal --signer "$signer"
pem=$(find "$HOUSE/tree" -name "$first.pem")
is "the key file is for its owner alone" "$(stat -c %a "$pem")" 600
ok "openssl finds the key whole" openssl pkey -in "$pem" -noout -check
is "and it is the one that is published" \
	"$(openssl pkey -in "$pem" -pubout -outform DER | base64 -w0)" \
	"$(look "SELECT translate(encode(public_key, 'base64'), E'\n', '') FROM dkim_key WHERE selector = '$first'")"
run unseal --signer "$signer"
has "again: it is there already" "$output" "written 0"
echo >> "$pem"
run unseal --signer "$signer"
status_is "a key file with another content is never replaced" 4
cp "$HOUSE/out/BUNDLE" "$HOUSE/old"
rm -rf "$HOUSE/tree" && mkdir "$HOUSE/tree"
printf 'senderctl-relay 1\n99 00000000-0000-4000-8000-000000000000\n' > "$HOUSE/last"
run unseal --signer "$signer"
status_is "an older bundle is not installed over a newer one" 4
if /usr/bin/python3 -c 'import dkim' 2> /dev/null; then
	rm -f "$HOUSE/last" && unseal --signer "$signer" > /dev/null
	is "a stranger signs with it, and verifies with what we publish" "$(/usr/bin/python3 - "$pem" "$first" \
		"$(senderctl record list acme.example --json)" <<'END'
import dkim, json, sys
key, selector, records = open(sys.argv[1], 'rb').read(), sys.argv[2], json.loads(sys.argv[3])
mail = b'From: academy@acme.example\r\nTo: a@b.example\r\nSubject: x\r\n\r\nhello\r\n'
signed = dkim.sign(mail, selector.encode(), b'acme.example', key) + mail
zone = {r['name'] + '.': ''.join(r['strings']) for r in records if r['purpose'] == 'dkim'}
print(dkim.verify(signed, dnsfunc=lambda name, timeout=5: zone[name.decode() if isinstance(name, bytes) else name].encode()))
END
)" True
else
	skip "a stranger signs with it, and verifies with what we publish" "no python3-dkim"
fi

# ---------------------------------------------------------------- to signing

publish
names_up
echo "dns { resolvers = {\"127.0.0.1:$port\"} authoritative_port = $port timeout = 1.0 }" > "$SENDERCTL_CONFIG"

run senderctl key advance
is "a key that nobody published stays" "$(states)" "$first=publish-pending $standby=publish-pending"
run senderctl key advance acme.example --explain --json
is "and says what it waits for" "$(waits "$first")" dns
publish "$first" "$standby"
senderctl check acme.example > /dev/null
is "seen everywhere, it is published" "$(states)" "$first=published $standby=published"
run senderctl key advance --explain --json
is "it waits to be seen again, and for old answers to be forgotten" "$(waits "$first")" "probes time"
is "the standby key waits for its day" "$(waits "$standby")" "standby probes time"
status_is "a key that must wait: exit status 1" 1
look "SET ROLE \"$manager\"; SET ROLE \"$operator\"" > /dev/null
look "UPDATE dkim_key SET active_at = now() WHERE selector = '$first'" > /dev/null 2> "$HOUSE/denied"
like "nobody skips the wait, with whatever program" "$(cat "$HOUSE/denied")" "not over|not seen often enough"   # the second, when the machine was slow
look "UPDATE dkim_key SET seen_since = now() - interval '1 day' WHERE selector = '$first'" > /dev/null 2> "$HOUSE/denied"
has "nor by a date" "$(cat "$HOUSE/denied")" "recorded when it happens"
sleep 2.2
senderctl check acme.example > /dev/null
publish "$standby"
run senderctl key advance --json
is "advance looks again, at that moment: the record was just removed" "$(waits "$first")" dns
is "and the wait begins anew" "$(states)" "$first=publish-pending $standby=published"
publish "$first" "$standby"
senderctl check acme.example > /dev/null
sleep 2.2
senderctl check acme.example > /dev/null
run senderctl key advance --dry-run
has "a dry run says that it would sign" "$output" "would become active"
run senderctl key advance
status_is "now it signs" 0
is "it alone" "$(states)" "$first=active $standby=published"
ok "the relay signs with it" relay_takes
run senderctl history --json
has "the event log has it, with the reason" "$output" "key.activate"

# ---------------------------------------------------------------- relieved

run senderctl key rotate acme.example --dry-run
has "rotate says what it would do" "$output" "the standby key would relieve"
run senderctl key rotate acme.example
has "the standby key takes over" "$output" "$standby will relieve $first"
run senderctl key rotate acme.example
has "one rotation at a time" "$output" "already"
look "INSERT INTO relay (provider_id, name, helo) SELECT provider_id, 'mx2', 'mx2.learning.vendor.example' FROM provider" > /dev/null
run senderctl key advance --explain --json
is "a relay that does not hold it keeps it waiting" "$(waits "$standby")" relays
look "UPDATE dkim_key SET retiring_at = now() WHERE selector = '$first'; UPDATE dkim_key SET active_at = now() WHERE selector = '$standby'" > /dev/null 2> "$HOUSE/denied"
has "with whatever program" "$(cat "$HOUSE/denied")" "does not hold this key"
look "UPDATE relay SET retired_at = now() WHERE name = 'mx2'" > /dev/null
run senderctl key advance
is "the old one goes, the new one signs: one transaction" "$(states)" "$first=retiring $standby=active"
run senderctl key advance --explain --json
is "the old one lives as long as a relay signs with it" "$(waits "$first")" relays
run senderctl key rotate acme.example --json
third=$(field "$output" '[0]["new"]')
is "the next one is made already" "$(field "$output" '[0]["how"]')" generated
ok "the relay signs with the new one" relay_takes
senderctl key advance > /dev/null
run senderctl key advance --explain --json
is "now the mail under way counts" "$(waits "$first")" linger
sleep 3.2
run senderctl key advance
is "and then it is retired" "$(states)" "$first=retired $standby=active $third=generated"

# ---------------------------------------------------------------- the end

refused "a key that signs is not destroyed" 4 "no step from there" senderctl key destroy acme.example "$standby" --yes
refused "and not cancelled" 4 "no step from there" senderctl key cancel acme.example "$standby" --yes
refused "nothing ends without a yes" 4 "not confirmed" senderctl key cancel acme.example "$third"
run senderctl key cancel acme.example "$third" --yes
status_is "one that never signed is given up" 0
run senderctl key destroy acme.example "$first" --yes
status_is "the private half of a retired key is destroyed" 0
is "it is gone from the database" \
	"$(look "SELECT count(*) FROM dkim_secret JOIN dkim_key k ON k.id = key_id WHERE selector = '$first'")" 0
refused "revoking needs its reason" 2 "--compromised" senderctl key revoke acme.example "$standby" --yes
run senderctl key revoke acme.example "$standby" --compromised --stop-signing --yes --confirm acme.example
status_is "a key that leaked is withdrawn" 0
is "every life has ended" "$(states)" "$first=destroyed $standby=revoked $third=cancelled"
run senderctl key generate acme.example --json
like "no selector is used twice" "$(field "$output" '[0]["selector"]')" 'd$'

# ---------------------------------------------------------------- other secrets

look "INSERT INTO smarthost (provider_id, client_id, host, auth_user) SELECT provider_id, id, 'smtp.acme.example', 'u' FROM client" > /dev/null
needle="correct horse $$ #battery: staple"
run senderctl smarthost secret lms/acme smtp.acme.example < <(printf '%s\n' "$needle")
status_is "a password goes from a pipe to the service" 0
printf 'bad\tpassword\n' > "$HOUSE/bad"
refused "one that no server can carry is refused" 2 "control characters" \
	senderctl smarthost secret lms/acme smtp.acme.example --file "$HOUSE/bad"
refused "of a server that is not known, too" 4 "no smarthost" senderctl smarthost secret lms/acme mx.acme.example --file "$HOUSE/bad"
look "CHECKPOINT" > /dev/null
ok "the database's files and logs do not hold it" \
	bash -c '! grep -rqF -- "$1" "$SENDERCTL_STATE/cluster" "$SENDERCTL_STATE/log"' - "$needle"
ok "nor a key in plain" bash -c '! grep -rq "PRIVATE KEY" "$SENDERCTL_STATE/cluster" "$SENDERCTL_STATE/log"'

# ---------------------------------------------------------------- the service

run python3 - "$keys_socket" "$(look 'SELECT id FROM domain')" <<'END'
import json, os, socket, sys, uuid
def connect():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.settimeout(20); s.connect(sys.argv[1]); return s
def ask(s, **q):
    s.send(json.dumps(q).encode()); return json.loads(s.recv(65536))
# garbage of every kind: refused or hung up, never the end of the service
for junk in (b'{', b'\0' * 65536, b'[]', b'"x"', b'{"op":7}', b'{"op":"nothing"}', b'{"op":"generate"}',
             b'{"op":"generate","provider":1,"request":"x","domain":1,"algorithm":"rsa-sha256"}',
             b'{"op":"bundle"}', b'{"op":"smarthost-secret","provider":1,"smarthost":1}', b'[' * 60000,
             json.dumps({'op': 'generate', 'provider': -1, 'domain': 10**30}).encode()):
    s = connect()
    s.send(junk)
    try:
        s.recv(65536)
    except OSError:
        pass
    s.close()
# more descriptors than asked for, and of the wrong kind
r, w = os.pipe()
s = connect()
socket.send_fds(s, [b'{"op":"bundle","n":1,"tree":"00","generation":"x"}'], [r, w, r, w, r])
try: s.recv(65536)
except OSError: pass
s = connect()
request = str(uuid.uuid4())
wish = dict(op='generate', n=1, request=request, provider=1, domain=int(sys.argv[2]), algorithm='ed25519-sha256')
one, two = ask(s, **wish), ask(s, **wish)
assert one['ok'] and two['ok'] and one['key'] == two['key'] and two['repeated'] and not one['repeated'], (one, two)
other = ask(s, **dict(wish, algorithm='rsa-sha256'))
assert not other['ok'] and other['error']['code'] == 'conflict', other
assert ask(s, op='status', n=9)['n'] == 9
END
status_is "garbage does not end it; the same request has the same answer" 0
note "$complaint"

pid=$(keyd_pid)
is "it leaves no core behind" "$(awk '/Max core file size/ { print $5 }' "/proc/$pid/limits")" 0
is "and gains no rights" "$(awk '/NoNewPrivs/ { print $2 }' "/proc/$pid/status")" 1
if [ "$(id -u)" = 0 ]; then
	socket_of() { setpriv --reuid=65534 --regid=65534 --clear-groups python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1])
s.send(b"{\"op\":\"status\",\"n\":1}"); sys.exit(0 if s.recv(65536) else 1)' "$keys_socket"; }
	run socket_of
	ok "a stranger does not get to talk to it" test "$status" != 0
else
	skip "a stranger does not get to talk to it" "not root"
fi
kill -KILL "$(head -n 1 "$SENDERCTL_STATE/cluster/postmaster.pid")"
until_true 10 bash -c '! psql -XAtq -h "$SENDERCTL_STATE/run/db" -U senderctl_admin senderctl -c "SELECT 1"'
senderctl up > /dev/null
run senderctl key generate acme.example --standby
status_is "it finds a database that was restarted again" 0
is "and is still the same process" "$(keyd_pid)" "$pid"
kill -KILL "$pid"
until_true 10 bash -c "! kill -0 $pid"
run senderctl key generate acme.example --standby --algorithm ed25519
status_is "without the service: could not tell" 3
senderctl up > /dev/null
run senderctl key generate acme.example --standby --algorithm ed25519
status_is "started again, it opens what it sealed before" 0
cp "$SENDERCTL_STATE/keys/master.key" "$HOUSE/master.key"
senderctl down > /dev/null
rm -f "$SENDERCTL_STATE/keys/master.key"
run senderctl up
ok "without its master key it halts and makes no new one's worth of keys" test "$status" != 0
has "and says why" "$complaint" "another master key"
finish
