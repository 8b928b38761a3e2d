#!/bin/bash
# A provider's key among its officers: registered, split, drilled, one leaves, the master key is
# lost and everything comes back on a clean host.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"
command -v pg_dump > /dev/null || skip_all "no pg_dump"

keys_socket=$SENDERCTL_STATE/run/keys/socket
mkdir "$HOUSE/officers"
officer() { senderctl-officer "$@"; }
# A real officer takes the dear cost; tests take the cheapest that is allowed.
keygen() { # keygen NAME
	officer keygen --out "$HOUSE/officers/$1.ski" --cost moderate --passphrase-fd 0 2> /dev/null <<< "words of $1"
}
says() { awk -v word="$2" '$1 == word { print $2 }' <<< "$1"; }
key_of() { says "$(officer show "$HOUSE/officers/$1.ski")" key; }
print_of() { says "$(officer show "$HOUSE/officers/$1.ski")" fingerprint; }
# answers VERB REQUEST FINGERPRINT NAME...: each officer on his own machine
answers() {
	local verb=$1 request=$2 print=$3 name; shift 3
	for name in "$@"; do
		officer "$verb" --identity "$HOUSE/officers/$name.ski" --request "$request" --fingerprint "$print" \
			--out "$HOUSE/$name.ska" --passphrase-fd 0 <<< "words of $name" || return
	done
}
# ask PURPOSE FILE [OPTION...]: the fingerprint that is read aloud
ask() {
	local purpose=$1 file=$2; shift 2
	rm -f "$file"
	field "$(senderctl key escrow "$purpose" lms --out "$file" "$@" --json)" '["fingerprint"]'
}
events() { senderctl history --json | python3 -c 'import json,sys
print(" ".join(e["what"] for e in json.load(sys.stdin) if e["what"].startswith(("escrow.", "officer."))))'; }
concern() { field "$(senderctl key escrow status lms --json)" '[0]["concern"]'; }

house_up
senderctl import "$top_srcdir/tests/lib/acme.json" > /dev/null || bail "the import failed"
look "INSERT INTO smarthost (provider_id, client_id, host, auth_user) SELECT provider_id, id, 'smtp.acme.example', 'u' FROM client" > /dev/null

# ---------------------------------------------------------------- policy

refused "without a key there is nothing to try" 4 "no officers" \
	senderctl key escrow drill lms --out "$HOUSE/none.skq"
senderctl provider set lms --escrow-policy required > /dev/null
senderctl key generate --all > /dev/null
senderctl key generate acme.example --standby --algorithm ed25519 > /dev/null
senderctl smarthost secret lms/acme smtp.acme.example <<< "correct horse" > /dev/null
selector=$(field "$(senderctl key list acme.example --json)" '[0]["selector"]')
run senderctl handover issue lms/acme
has "required: no record is handed out before the split" "$complaint" "escrow of this key is not complete"
has "and status says so" "$(concern)" "escrow is required"
look "UPDATE provider SET escrow_policy = 'optional'" > /dev/null
has "optional: status still warns" "$(concern)" "never split"
has "and so does the doctor" "$(senderctl doctor --json)" "who loses the master key loses all"
look "UPDATE provider SET escrow_policy = 'none'" > /dev/null
is "none: nobody is warned" "$(concern)" None
look "UPDATE provider SET escrow_policy = 'required'" > /dev/null

# ---------------------------------------------------------------- officers

ok "an officer makes his identity" keygen anna
ok "another" keygen bert
ok "and a third" keygen carl
is "the file is his alone" "$(stat -c %a "$HOUSE/officers/anna.ski")" 400
run officer keygen --out "$HOUSE/officers/anna.ski" --cost moderate --passphrase-fd 0 <<< "other words"
status_is "an identity is never replaced" 4
run officer keygen --out "$HOUSE/officers/new.ski" --cost cheap --passphrase-fd 0 <<< "words"
status_is "nothing cheaper is offered" 2
refused "another fingerprint than the one read out is refused" 4 "not the one that was read out" \
	senderctl key escrow officer add lms anna --key "$(key_of anna)" --fingerprint aaaa-bbbb
refused "so is what is no key" 2 "not the public key of an officer" \
	senderctl key escrow officer add lms anna --key sko1:AAAA
run senderctl key escrow officer add lms anna --key "$(key_of anna)" --dry-run
is "a dry run registers nobody" "$(look 'SELECT count(*) FROM officer')" 0
run senderctl key escrow officer add lms anna --key "$(key_of anna)" --fingerprint "$(print_of anna)"
has "the first is registered" "$output" "$(print_of anna)"
has "it says that nobody else could confirm" "$output" "no second operator confirms"
senderctl key escrow officer add lms bert --key "$(key_of bert)" > /dev/null
run senderctl key escrow officer add lms bert --key "$(key_of bert)" --json
is "again is the same" "$(look 'SELECT count(*) FROM officer')" 2
refused "a name is one key's" 4 "already" senderctl key escrow officer add lms bert --key "$(key_of carl)"
refused "two of one are no quorum of two" 4 "no such split" senderctl key escrow make lms --quorum 3
senderctl key escrow officer add lms carl --key "$(key_of carl)" > /dev/null
run senderctl key escrow officer confirm lms carl --fingerprint "$(print_of carl)"
status_is "who is confirmed already is confirmed" 0
refused "but not under another fingerprint" 4 "not the one that was read out" \
	senderctl key escrow officer confirm lms carl --fingerprint "$(print_of anna)"
is "all are confirmed" "$(senderctl key escrow officer list lms --json |
	python3 -c 'import json,sys; print(*[o["officer"] + "=" + o["state"] for o in json.load(sys.stdin)])')" \
	"anna=confirmed bert=confirmed carl=confirmed"

# ---------------------------------------------------------------- the split

run senderctl key escrow verify lms
status_is "verify finds what was never split" 1
run senderctl key escrow make lms --quorum 1
has "one of three: a plain warning" "$output" "each of them alone"
has "and status goes on warning" "$(concern)" "alone"
run senderctl key escrow make lms --quorum 2
has "two of three" "$output" "any 2 of 3 officers"
run senderctl key escrow make lms
has "again: nothing was changed" "$output" "nothing was changed"
is "six shares of 155 octets" "$(look "SELECT count(*) || ' ' || min(length(share)) || ' ' || max(length(share)) FROM escrow_share")" "6 155 155"
run senderctl key escrow verify lms
status_is "verify agrees, and opens nothing" 0
is "status has no concern" "$(concern)" None
run senderctl handover issue lms/acme
has_not "now the record may go" "$complaint" "escrow of this key"

# ---------------------------------------------------------------- who writes to the database

keygen mallory > /dev/null
look "INSERT INTO officer (provider_id, name, public_key, fingerprint, mac, confirmed_at)
	SELECT provider_id, 'mallory', decode('$(key_of mallory | cut -c6- | base64 -d | od -An -tx1 | tr -d ' \n')', 'hex'),
	'$(print_of mallory)', mac, now() FROM officer WHERE name = 'anna'" > /dev/null
refused "an officer who was written into the table gets no share" 4 "was not registered by the key service" \
	senderctl key escrow make lms
refused "and is seen by verify" 4 "mallory" senderctl key escrow verify lms
ok "such a row is retired" senderctl key escrow officer retire lms mallory
look "UPDATE officer SET retired_at = NULL WHERE name = 'mallory'" > /dev/null
refused "and does not come back by SQL" 4 "was not registered" senderctl key escrow make lms
look "DELETE FROM officer WHERE name = 'mallory'" > /dev/null
look "UPDATE officer SET public_key = (SELECT public_key FROM officer WHERE name = 'bert') WHERE name = 'anna'" > /dev/null
refused "nor is an officer's key exchanged" 4 "was not registered" senderctl key escrow verify lms
look "UPDATE officer SET public_key = decode('$(key_of anna | cut -c6- | base64 -d | od -An -tx1 | tr -d ' \n')', 'hex') WHERE name = 'anna'" > /dev/null
look "CREATE TABLE kept AS SELECT commitment FROM kek; UPDATE kek SET commitment = sha256('x') || sha256('y')" > /dev/null
run senderctl key escrow verify lms
has "an exchanged commitment is seen" "$output" "commitment was not made"
look "UPDATE kek SET commitment = (SELECT commitment FROM kept); DROP TABLE kept" > /dev/null
manager=$(look "SELECT role('manager')")
for what in "SELECT share FROM escrow_share" "SELECT mac FROM officer" "SELECT sealed FROM escrow_request" \
	"DELETE FROM escrow_share" "UPDATE officer SET confirmed_at = now()" "UPDATE kek SET drilled_at = now()"; do
	look "SET ROLE \"$manager\"; $what" 2>&1 | grep -q "permission denied for table" || note "a person may: $what"
done > "$HOUSE/allowed"
is "no person's role reads or writes the escrow" "$(cat "$HOUSE/allowed")" ""

# ---------------------------------------------------------------- proof and drill

print=$(ask prove "$HOUSE/proof.skq")
run officer look --request "$HOUSE/proof.skq"
is "an officer sees what is asked, by whom, and the fingerprint" \
	"$(says "$output" purpose) $(says "$output" provider) $(says "$output" fingerprint)" "prove lms $print"
run answers answer "$HOUSE/proof.skq" "$print" anna
status_is "who is asked for a proof gives no shares" 4
run answers prove "$HOUSE/proof.skq" aaaa-bbbb anna
status_is "a request with another fingerprint is not answered" 4
ok "a proof is answered" answers prove "$HOUSE/proof.skq" "$print" bert
run senderctl key escrow prove lms --answer "$HOUSE/bert.ska"
has "and accepted" "$output" "bert"
refused "once" 4 "answered already" senderctl key escrow prove lms --answer "$HOUSE/bert.ska"
print=$(ask drill "$HOUSE/drill.skq" --quorum anna,carl)
run answers prove "$HOUSE/drill.skq" "$print" anna
status_is "a drill wants more than a proof" 4
run answers answer "$HOUSE/drill.skq" "$print" bert
status_is "an officer who was not asked finds nothing" 4
ok "two officers answer" answers answer "$HOUSE/drill.skq" "$print" anna carl
refused "one of them is too few" 4 "too few officers" senderctl key escrow drill lms --answer "$HOUSE/anna.ska"
refused "twice the same is one" 2 "answered twice" \
	senderctl key escrow drill lms --answer "$HOUSE/anna.ska" --answer "$HOUSE/anna.ska"
python3 - "$HOUSE/carl.ska" "$HOUSE/broken.ska" <<'END'
import sys
bytes = bytearray(open(sys.argv[1], 'rb').read()); bytes[100] ^= 1; open(sys.argv[2], 'wb').write(bytes)
END
refused "a damaged answer names its officer" 4 "officer carl" \
	senderctl key escrow drill lms --answer "$HOUSE/anna.ska" --answer "$HOUSE/broken.ska"
run senderctl key escrow drill lms --answer "$HOUSE/anna.ska" --answer "$HOUSE/carl.ska"
has "together they bring the key back, into an empty vault" "$output" "into an empty vault"
has "and a key of the provider signs" "$output" "the signature fits"
has "the event log has the failures, too" "$(events)" "escrow.drill-failed"
has "and the drill" "$(events)" "escrow.drill "
is "who answered has proved his key" "$(look "SELECT string_agg(name, ' ' ORDER BY name) FROM officer WHERE proved_at IS NOT NULL")" "anna bert carl"
is "what was recorded of the answers opens for nobody" "$(look "SELECT sum(length(sealed)) FROM escrow_request WHERE done_at IS NOT NULL")" 0

# ---------------------------------------------------------------- ages

look "UPDATE kek SET drilled_at = now() - interval '181 days'" > /dev/null
has "a drill grows old" "$(concern)" "181 days ago"
run senderctl key escrow status
status_is "that is worth an exit status" 1
has "and the doctor's word" "$(senderctl doctor --json)" "the last drill was 181 days ago"
look "UPDATE officer SET proved_at = now() - interval '366 days' WHERE name = 'bert'" > /dev/null
has "so does an officer's proof" "$(senderctl doctor --json)" "has proved nothing for 366 days"
look "UPDATE officer SET proved_at = now(); UPDATE kek SET drilled_at = now()" > /dev/null
is "a young one is fine" "$(concern)" None

# ---------------------------------------------------------------- the master key is relieved

senderctl key master rotate --yes > /dev/null
run senderctl key master retire 1 --yes
status_is "officers and shares hang on no former master key" 0
run senderctl key escrow verify lms
status_is "and are good under the new one" 0

# ---------------------------------------------------------------- an officer leaves

senderctl key escrow officer retire lms carl > /dev/null
run senderctl key escrow verify lms
has "his shares are seen" "$output" "an officer who left"
refused "splitting the same key again would not help" 4 "for ever" senderctl key escrow make lms
keygen dora > /dev/null
senderctl key escrow officer add lms dora --key "$(key_of dora)" > /dev/null
# the first piece of a reissue, and then the power fails
run python3 - "$keys_socket" "$(look 'SELECT provider_id FROM provider')" <<'END'
import json, socket, sys, uuid
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1])
s.send(json.dumps({'op': 'escrow-reissue', 'n': 1, 'provider': int(sys.argv[2]), 'request': str(uuid.uuid4()), 'begin': True}).encode())
answer = json.loads(s.recv(65536)); assert answer['ok'] and answer['left'] > 0, answer
END
status_is "a reissue is begun" 0
kill -KILL "$(keyd_pid)"
until_true 10 bash -c "! kill -0 $(keyd_pid)"
senderctl up > /dev/null
run senderctl key escrow verify lms
has "interrupted, it is seen" "$output" "interrupted"
is "and nothing is lost: keys under the new, the password under the former" \
	"$(look "SELECT count(DISTINCT kek_id) FROM (SELECT kek_id FROM dkim_secret UNION ALL SELECT kek_id FROM smarthost_secret) x")" 2
run senderctl key escrow reissue lms
has "said again, it goes on to the end" "$output" "has a new key"
has "and says what an old dump still opens" "$output" "a dump made before now"
run senderctl key escrow verify lms
status_is "the shares are those of today's officers" 0
is "the former ones are gone" "$(look "SELECT count(*) FROM escrow_share s JOIN kek k ON k.id = s.kek_id WHERE k.retired_at IS NOT NULL")" 0
has "it is in the log" "$(events)" "escrow.reissued"
senderctl relay enrol lms/mx1 "$(field "$(senderctl relay keygen --json)" '["identity"]')" > /dev/null
ok "and everything opens under the new key" senderctl export lms/mx1 --output "$HOUSE/before" --include-unverified
print=$(ask drill "$HOUSE/drill2.skq")
run answers answer "$HOUSE/drill2.skq" "$print" carl
status_is "who left has nothing to answer" 4
ok "those of today do" answers answer "$HOUSE/drill2.skq" "$print" bert dora
run senderctl key escrow drill lms --answer "$HOUSE/bert.ska" --answer "$HOUSE/dora.ska"
status_is "a drill with the new officer" 0

# ---------------------------------------------------------------- two operators

if [ "$(id -u)" = 0 ]; then
	mkdir "$HOUSE/second" && chown senderkeyd: "$HOUSE/second"
	print_of anna > "$HOUSE/allowed"
	keyd_as() { # keyd_as OPTION...: a second service, at which uid 65534 may ask as well
		background second "${as_keyd[@]}" \
			"$top_builddir/senderkeyd" --allow-swap --master-key "$SENDERCTL_STATE/keys/master.key" \
			--socket "$HOUSE/second/socket" --allow-uid 65534 "$@" --database \
			"host=$SENDERCTL_STATE/run/db user=$(look "SELECT role('keyd')") dbname=senderctl"
		until_true 10 test -S "$HOUSE/second/socket" && sleep 0.2 && chmod 666 "$HOUSE/second/socket"
	}
	# operator UID OPERATION FIELD=VALUE...: what the service says
	operator() {
		local uid=$1; shift
		setpriv --reuid="$uid" --regid="$uid" --clear-groups /usr/bin/python3 -c '
import json, socket, sys, uuid
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1])
ask = dict(word.split("=", 1) for word in sys.argv[4:])
s.send(json.dumps(dict(ask, op=sys.argv[3], n=1, provider=int(sys.argv[2]), request=str(uuid.uuid4()))).encode())
answer = json.loads(s.recv(65536)); print(answer["error"]["message"] if not answer["ok"] else answer)' \
			"$HOUSE/second/socket" "$(look 'SELECT provider_id FROM provider')" "$@" 2>&1
	}
	ok "a service that others may ask" keyd_as
	note "$(cat "$HOUSE/second.log")"
	keygen emil > /dev/null
	has "there an officer waits" "$(operator 0 officer-add name=emil "key=$(key_of emil)")" "'confirmed': False"
	has "who registered him does not confirm him" \
		"$(operator 0 officer-confirm name=emil "fingerprint=$(print_of emil)")" "was registered by you"
	look "UPDATE officer SET added_uid = 1 WHERE name = 'emil'" > /dev/null
	has "not even as somebody else by SQL" \
		"$(operator 0 officer-confirm name=emil "fingerprint=$(print_of emil)")" "was not registered"
	look "UPDATE officer SET added_uid = 0, confirmed_at = now() WHERE name = 'emil'" > /dev/null
	refused "nor is he confirmed by SQL" 4 "was not registered" senderctl key escrow make lms
	look "UPDATE officer SET confirmed_at = NULL WHERE name = 'emil'" > /dev/null
	has "a second operator compares" \
		"$(operator 65534 officer-confirm name=emil fingerprint=aaaa-bbbb)" "not the one that was read out"
	has "and confirms" "$(operator 65534 officer-confirm name=emil "fingerprint=$(print_of emil)")" "'ok': True"
	is "now he is an officer" "$(look "SELECT confirmed_at IS NOT NULL FROM officer WHERE name = 'emil'")" t
	keygen finn > /dev/null
	operator 0 officer-add name=finn "key=$(key_of finn)" > /dev/null
	look "UPDATE officer SET created_at = created_at - interval '2 hours' WHERE name = 'finn'" > /dev/null
	has "a waiting officer is not backdated" \
		"$(operator 65534 officer-confirm name=finn "fingerprint=$(print_of finn)")" "was not registered"
	senderctl key escrow officer retire lms finn > /dev/null
	kill "${house_pids[-1]}" && wait "${house_pids[-1]}"
	ok "a service with root's list of officers" keyd_as --officers "$HOUSE/allowed"
	has "gives nobody a share who is not in it" "$(operator 0 escrow-make)" "not in the list"
	has "nor registers one" "$(operator 0 officer-add name=gina "key=$(key_of finn)")" "not in the list"
	kill "${house_pids[-1]}" && wait "${house_pids[-1]}"
	senderctl key escrow officer retire lms emil > /dev/null
else
	skip "two operators" "not root"
fi

# ---------------------------------------------------------------- the master key is lost

public=$(look "SELECT translate(encode(public_key, 'base64'), E'\n', '') FROM dkim_key WHERE selector = '$selector'")
pg_dump -h "$SENDERCTL_STATE/run/db" -U senderctl_admin senderctl > "$HOUSE/dump.sql"
pg_dumpall -h "$SENDERCTL_STATE/run/db" -U senderctl_admin --roles-only > "$HOUSE/roles.sql"
before=$(senderctl key list --json)
ok "the dump holds no private key" bash -c '! grep -q "PRIVATE KEY" "$1"' - "$HOUSE/dump.sql"
senderctl down > /dev/null
rm -rf "$SENDERCTL_STATE"
export SENDERCTL_STATE=$HOUSE/clean
senderctl up > /dev/null || bail "no clean host"
restore() {
	psql -XAtq -h "$SENDERCTL_STATE/run/db" -U senderctl_admin "$@"
}
restore postgres -c 'DROP DATABASE senderctl WITH (FORCE)' -c 'CREATE DATABASE senderctl' -f "$HOUSE/roles.sql" \
	> "$HOUSE/restore.log" 2>&1
restore senderctl -v ON_ERROR_STOP=1 -f "$HOUSE/dump.sql" > "$HOUSE/restore.log" 2>&1
ok "the dump is restored on a clean host" test "$(look 'SELECT count(*) FROM dkim_key')" = 2
senderctl down > /dev/null
run senderctl up
ok "without the master key the service does not start" test "$status" != 0
has "and says what to do" "$complaint" "key escrow recover"
run senderctl up --recover
status_is "it starts for a recovery" 0
is "and everything that is public is there" "$(senderctl key list --json)" "$before"
run senderctl history verify lms
has "but nothing else works yet" "$complaint$output" "another master key"
print=$(ask recover "$HOUSE/recover.skq")
ok "two officers answer" answers answer "$HOUSE/recover.skq" "$print" anna dora
refused "one alone brings nothing back" 4 "too few" senderctl key escrow recover lms --answer "$HOUSE/anna.ska"
run senderctl key escrow recover lms --answer "$HOUSE/anna.ska" --answer "$HOUSE/dora.ska"
status_is "two bring everything back" 0
has "every key and the password open" "$output" "2 signing keys and 1 passwords opened"
has "a key signs" "$output" "the signature fits"
has "who did not answer has to come again" "$output" "1 officers did not answer"
has "the service works" "$output" "works again"
run senderctl history verify lms
has "the new key seals what the lost one had sealed" "$status $output" "nothing was changed"
is "it is in the log" "$(events | grep -o 'escrow.recover' | head -n 1)" escrow.recover
refused "there is nothing left to recover" 4 "nothing to recover" \
	senderctl key escrow recover lms --out "$HOUSE/more.skq"
senderctl down > /dev/null
run senderctl up
status_is "started as always, it opens what it has" 0
run senderctl key generate acme.example --algorithm ed25519
status_is "and makes keys again" 0
identity=$(field "$(senderctl relay keygen --json)" '["identity"]')
senderctl relay enrol lms/mx1 "$identity" --yes > /dev/null
ok "a relay is given its keys again" senderctl export lms/mx1 --output "$HOUSE/out" --include-unverified
signer=$(signing_key)
mkdir "$HOUSE/tree"
senderctl-relay install --identity "$SENDERCTL_STATE/relay/identity/key" --bundle "$HOUSE/out/BUNDLE" \
	--root "$HOUSE/tree" --state "$HOUSE/last" --any-parents --signer "$signer" > /dev/null
is "and it is the key whose record the customer published" \
	"$(openssl pkey -in "$(find "$HOUSE/tree" -name "$selector.pem")" -pubout -outform DER | base64 -w0)" "$public"
keygen hans > /dev/null
senderctl key escrow officer add lms hans --key "$(key_of hans)" > /dev/null
run senderctl key escrow reissue lms
status_is "with a new third officer the key is issued anew" 0
run senderctl key escrow verify lms
status_is "and all is as it should be" 0
finish
