#!/bin/bash
# The vault: sealed until it gets its passphrase, and a master key that is relieved while the service works.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

keys_folder=$SENDERCTL_STATE/keys
restart() { senderctl down > /dev/null && senderctl up > /dev/null; }
doctor_on() { senderctl doctor --json | python3 -c 'import json,sys
print(" ".join(f["state"] for f in json.load(sys.stdin) if f["subject"] == sys.argv[1]))' "$1"; }

house_up
senderctl import "$top_srcdir/tests/lib/acme.json" > /dev/null || bail "the vendor is not imported"

# ---------------------------------------------------------------- sealed

run senderctl key unlock --json
is "a service without a passphrase is not sealed" "$(field "$output" '["changed"]')" False
senderctl down > /dev/null
rm -f "$keys_folder/master.key"
"${as_keyd[@]}" "$top_builddir/senderkeyd" --init --master-key "$keys_folder/master.key" --passphrase-fd 0 <<< "correct horse"
run "${as_keyd[@]}" "$top_builddir/senderkeyd" --init --master-key "$keys_folder/master.key"
has "a master key is never made over another one" "$complaint" "already"
is "its file is for its owner alone" "$(stat -c %a "$keys_folder/master.key")" 400
# the signing key was made under the one that is gone
senderctl up > /dev/null
run senderctl key generate --all
status_is "a sealed service makes no key" 1
has "and says why" "$output" "the key service is sealed"
is "doctor says so" "$(doctor_on "key service")" broken
identity=$(field "$(senderctl relay keygen --json)" '["identity"]')
refused "nor does it enrol a relay; it says what it waits for" 3 "senderctl key unlock" senderctl relay enrol lms/mx1 "$identity"
look "DELETE FROM keyd_key; DELETE FROM master_key" > /dev/null
run senderctl key unlock --dry-run --json
is "a dry run unlocks nothing" "$(field "$output" '["sealed"]')" True
run senderctl key unlock <<< "wrong horse"
status_is "a wrong passphrase does not open it" 4
has "and that is said" "$complaint" "not the passphrase"
run senderctl key unlock <<< "correct horse"
has "the next one has to wait, right or wrong" "$complaint" "try again in"
sleep 1.1
run senderctl key unlock --passphrase-fd 5 5<<< "correct horse"
status_is "the right one opens it" 0
run senderctl key generate --all
status_is "and it works" 0
senderctl relay enrol lms/mx1 "$identity" > /dev/null
run senderctl key unlock --json <<< "whatever"
is "once is enough" "$(field "$output" '["changed"]')" False
ok "there are logs" test -s "$SENDERCTL_STATE/log/senderkeyd.log" -a -s "$SENDERCTL_STATE/log/postgres.log"
is "the passphrase is in no log, nor in the database" \
	"$(grep -rlF "correct horse" "$SENDERCTL_STATE/log" "$SENDERCTL_STATE/cluster" 2> /dev/null)" ""
if [ "$(id -u)" = 0 ]; then
	run setpriv --reuid=65534 --regid=65534 --clear-groups senderctl key unlock <<< "correct horse"
	status_is "a stranger gives no passphrase" 3
	has "and is told why" "$complaint" "you are not among those who may ask it"
else
	skip "a stranger gives no passphrase" "not root"
fi
restart
run senderctl key list --json
status_is "sealed again, what needs no key goes on" 0
mkdir "$HOUSE/out"
run senderctl export lms/mx1 --output "$HOUSE/out/1" --include-unverified
status_is "and no bundle is made" 3
run senderctl key unlock <<< "correct horse"
status_is "what was sealed before opens again" 0

# ---------------------------------------------------------------- the next master key

versions() { senderctl key master status --json | python3 -c 'import json,sys
print(" ".join("%d:%d/%d/%d" % (v["version"], v["keks"], v["signers"], v["relays"])
      for v in json.load(sys.stdin)["versions"]))'; }
exported=0
bundle() { # with so many entries at least: an empty one proves nothing
	exported=$((exported + 1))
	senderctl export lms/mx1 --output "$HOUSE/out/b$exported" --include-unverified &&
		[ "$(look "SELECT entries FROM relay_bundle ORDER BY sequence DESC LIMIT 1")" -ge "${entries:-1}" ]
}

senderctl handover issue lms/acme > /dev/null
is "everything hangs on version 1" "$(versions)" "1:1/1/1"
run senderctl key master rotate --dry-run
is "a dry run makes no version" "$(versions)" "1:1/1/1"
refused "nor is one made without a yes" 4 "not confirmed" senderctl key master rotate
run senderctl key master rotate --yes <<< "wrong horse"
status_is "the next one is kept under the same passphrase, and no other" 4
is "nothing came of it" "$(ls "$keys_folder")" master.key
run senderctl key master rotate --yes <<< "correct horse"
status_is "with it, everything is wrapped under the next version" 0
has "and it says what remains to be done" "$output" "senderctl key master retire 1"
is "nothing hangs on version 1 any more" "$(versions)" "1:0/0/0 2:1/1/1"
is "both files are there" "$(cd "$keys_folder" && echo *)" "master.key master.key.2"
is "for their owner alone" "$(stat -c %a "$keys_folder/master.key.2")" 400
ok "keys and the relay's enrolment are good as ever" bundle
has "the event log has it" "$(senderctl history --json)" "kek.rewrap"
has "and each bundle" "$(senderctl history --json)" "relay.bundle"
refused "another one before the last is over is refused" 4 "is not retired yet" senderctl key master rotate --yes
restart
senderctl key unlock <<< "correct horse" > /dev/null
ok "one passphrase opens both after a restart" bundle
look "UPDATE kek SET mk_version = 1" > /dev/null
run senderctl key master retire 1 --yes
status_is "a version that a row names is not retired" 4
has "and it says how many do" "$complaint" "1 rows of the database hang on version 1"
look "UPDATE kek SET mk_version = 2" > /dev/null
refused "nor the newest" 4 "is not a former one" senderctl key master retire 2 --yes
cp "$keys_folder/master.key" "$HOUSE/master.1"
run senderctl key master retire 1 --yes
status_is "version 1 is retired" 0
is "its successor has its name now" "$(cd "$keys_folder" && echo *)" master.key
ok "and all is good as ever" bundle
look "UPDATE kek SET mk_version = 1" > /dev/null 2> "$HOUSE/denied"
has "nobody wraps under it again, with whatever program" "$(cat "$HOUSE/denied")" "was retired"
restart
senderctl key unlock <<< "correct horse" > /dev/null
ok "after a restart too" bundle

# killed between any two of its steps: what is left is a whole version, or none
senderctl down > /dev/null
head -c 60 "$keys_folder/master.key" > "$keys_folder/master.key.new"
senderctl up > /dev/null
run senderctl key unlock <<< "correct horse"
status_is "half a file of a rotation that was killed is no version" 0
run senderctl key master rotate --yes --no-wait <<< "correct horse"
status_is "the next rotation begins" 0
kill -KILL "$(keyd_pid)"
until_true 10 bash -c "! kill -0 $(keyd_pid)"
senderctl up > /dev/null
senderctl key unlock <<< "correct horse" > /dev/null
until_true 10 bash -c 'senderctl key master status --json | grep -q "\"running\": false"'
is "killed, it goes on by itself" "$(versions)" "1:0/0/0 2:0/0/0 3:1/1/1"
ok "with all of it" bundle
mv "$keys_folder/master.key.3" "$HOUSE/master.3"
restart
run senderctl key unlock <<< "correct horse"
status_is "without the newest it stays sealed and makes no other" 4
has "and says why" "$complaint" "another master key"
mv "$HOUSE/master.3" "$keys_folder/master.key.3"
sleep 1
run senderctl key unlock <<< "correct horse"
status_is "with it, it opens" 0

# a credential is not ours to remove: the version ends, and its file stays where it is
mapfile -d '' -t words < "/proc/$(keyd_pid)/cmdline"
for i in "${!words[@]}"; do
	[ "${words[i]}" != "$keys_folder/master.key" ] || words[i]=credential:master.key
done
kill "$(keyd_pid)"
until_true 10 bash -c "! kill -0 $(keyd_pid)"
CREDENTIALS_DIRECTORY=$keys_folder "${as_keyd[@]}" "$top_builddir/senderkeyd" "${words[@]:1}" > "$HOUSE/credential.log" 2>&1 &
by_hand=$!
until_true 10 grep -q "serving at" "$HOUSE/credential.log"
senderctl key unlock <<< "correct horse" > /dev/null
run senderctl key master retire 2 --yes
status_is "a former version ends that is a credential" 0
has "and whoever hands it over is told" "$output" "hand over its successor alone"
is "both files are there" "$(cd "$keys_folder" && echo *)" "master.key master.key.3"
refused "a successor is made where the credential comes from" 4 "senderkeyd --next" senderctl key master rotate --yes <<< "correct horse"
kill "$by_hand"
wait "$by_hand"
mv "$keys_folder/master.key.3" "$keys_folder/master.key"
senderctl up > /dev/null
run senderctl key unlock <<< "correct horse"
status_is "its successor alone opens everything" 0
ok "every key and every MAC" bundle

# ---------------------------------------------------------------- moved

senderctl key generate acme.example --standby --algorithm ed25519 > /dev/null
senderctl handover issue lms/acme > /dev/null
entries=2
ok "two keys are in the bundle" bundle
moved() { # NAME SQL BACK: every use is refused, and then good again
	look "$2" > /dev/null || note "$2"
	run bundle
	[ "$status" = 4 ] && [[ $complaint == "senderctl: "* ]]
	tell $? "$1 does not open" || { note "status $status"; note "$complaint"; }
	look "$3" > /dev/null || note "$3"
}
look "CREATE TABLE kept AS SELECT * FROM dkim_secret; CREATE TABLE kept_kek AS SELECT * FROM kek" > /dev/null
back="UPDATE dkim_secret s SET sealed = k.sealed, version = k.version, kek_id = k.kek_id FROM kept k WHERE k.key_id = s.key_id"
kek_back="UPDATE kek SET sealed = k.sealed, mk_version = k.mk_version, kind = k.kind, version = k.version, uuid = k.uuid FROM kept_kek k WHERE k.id = kek.id"
first="(SELECT min(key_id) FROM dkim_secret)"
moved "a half that was moved to another row" \
	"UPDATE dkim_secret SET sealed = (SELECT sealed FROM kept WHERE key_id <> $first LIMIT 1) WHERE key_id = $first" "$back"
moved "one under another version" "UPDATE dkim_secret SET version = 2 WHERE key_id = $first" "$back"
moved "one of another selector" "ALTER TABLE dkim_key DISABLE TRIGGER USER; UPDATE dkim_key SET selector = 'x' || selector" \
	"UPDATE dkim_key SET selector = substr(selector, 2); ALTER TABLE dkim_key ENABLE TRIGGER USER"
moved "one of another client" "ALTER TABLE dkim_key DISABLE TRIGGER USER; UPDATE dkim_key SET client_uuid = gen_random_uuid()" \
	"UPDATE dkim_key SET client_uuid = (SELECT uuid FROM client); ALTER TABLE dkim_key ENABLE TRIGGER USER"
provider=$(look "SELECT uuid FROM provider")
moved "one of another provider" "ALTER TABLE provider DISABLE TRIGGER USER; UPDATE provider SET uuid = gen_random_uuid()" \
	"UPDATE provider SET uuid = '$provider'; ALTER TABLE provider ENABLE TRIGGER USER"
moved "a flipped bit" "UPDATE dkim_secret SET sealed = set_byte(sealed, 100, get_byte(sealed, 100) # 1)" "$back"
moved "a cut one" "UPDATE dkim_secret SET sealed = substring(sealed FROM 1 FOR 200)" "$back"
moved "a key of a provider of another kind" "UPDATE kek SET kind = 'pool'" "$kek_back"
moved "one of another version" "UPDATE kek SET version = 9" "$kek_back"
moved "one with a flipped bit" "UPDATE kek SET sealed = set_byte(sealed, 90, get_byte(sealed, 90) # 1)" "$kek_back"
ok "and moved back, all is good as ever" bundle
like "what was refused is in the event log, and for what" "$(look "SELECT why || detail FROM event WHERE what = 'keys.refuse' ORDER BY id DESC LIMIT 1")" \
	'crypto.*bundle'
finish
