#!/bin/bash
# Whole attacks: a stolen dump, a stolen relay disk, a rogue project manager, a client that lies. Each gets what
# doc/security.md says, and no more.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"
command -v openssl > /dev/null || skip_all "no openssl to read keys with"
command -v pg_dump > /dev/null || skip_all "no pg_dump"

export_to() { senderctl export "$1" --output "$2" --include-unverified; } # RELAY FOLDER
tries=0
use() { # RELAY: a use of its keys and passwords, with so many entries at least
	tries=$((tries + 1))
	export_to "$1" "$HOUSE/try$tries"
}
as_root_of_database() { psql -XAtq -h "$SENDERCTL_STATE/run/db" -U senderctl_admin "$@"; }
sql() { look "SET session_replication_role = replica; $1"; } # past every trigger and foreign key
is_refused() { # NAME PART: the last run, with a sentence and nothing else
	[ "$status" != 0 ] && [ -n "$2" ] && [[ $complaint$output == *"$2"* ]]
	tell $? "$1" || { note "status $status"; note "$output"; note "$complaint"; }
}

house_up
for provider in lms hr; do
	senderctl provider add $provider --title $provider --hosting-domain $provider.vendor.example \
		--default-sender no@$provider.vendor.example --spf-host _spf.$provider.vendor.example
	senderctl client add $provider/acme --title "Acme of $provider"
	senderctl login add $provider/acme app
	senderctl sender add $provider/acme info@$provider.acme.example --mode relayed --login app
	echo "a password of $provider" | senderctl smarthost add $provider/acme smtp.$provider.acme.example --user v --password-file -
	senderctl sender add $provider/acme press@direct.$provider.example --mode direct
done > "$HOUSE/made.log" 2>&1
for relay in lms/mx1 lms/mx2 hr/mx1; do
	id=${relay/\//-}
	senderctl relay add $relay --helo mx.$id.example --address 192.0.2.1
	senderctl relay keygen --identity "$HOUSE/identity-$id"
	senderctl relay enrol $relay "$(senderctl-relay show --identity "$HOUSE/identity-$id" | sed -n 's/^identity //p')" --yes
done >> "$HOUSE/made.log" 2>&1
senderctl key generate --all > /dev/null
for provider in lms hr; do senderctl handover issue $provider/acme > /dev/null; done
signer=$(signing_key)
look "UPDATE smarthost SET port = 587" > /dev/null
for relay in lms/mx1 lms/mx2 hr/mx1; do
	ok "$relay has its bundle" export_to $relay "$HOUSE/first-${relay/\//-}"
done
ok "keys and passwords are in it" test "$(look "SELECT min(entries) FROM relay_bundle")" -ge 2
lms=$(look "SELECT provider_id FROM provider WHERE name = 'lms'") hr=$(look "SELECT provider_id FROM provider WHERE name = 'hr'")

# ---------------------------------------------------------------- who can write to the database
# Within one provider: tests/flow/45-vault.sh. Here: one provider's secrets as another's.

for table in dkim_secret kek smarthost_secret dkim_key smarthost relay_key; do echo "CREATE TABLE kept_$table AS TABLE $table;"; done > "$HOUSE/keep.sql"
look "$(cat "$HOUSE/keep.sql")"
attack() { # NAME RELAY PART SQL TABLE...: every use is refused with a sentence, and then the tables are as before
	local name=$1 relay=$2 part=$3 change=$4; shift 4
	sql "$change" > /dev/null || note "$change"
	run use "$relay"
	is_refused "$name" "$part"
	for table in "$@"; do sql "DELETE FROM $table; INSERT INTO $table OVERRIDING SYSTEM VALUE SELECT * FROM kept_$table"; done
}
swap() { echo "UPDATE $1 a SET $2 FROM kept_$1 b WHERE a.provider_id = $hr AND b.provider_id = $lms"; }
attack "another provider's key does not open as one's own" hr/mx1 "by another key than its row says" "$(swap dkim_secret 'sealed = b.sealed')" dkim_secret
attack "nor with the name of what sealed it" hr/mx1 "nothing found" "$(swap dkim_secret 'sealed = b.sealed, version = b.version, kek_id = b.kek_id')" dkim_secret
attack "nor with that provider's own key moved along" hr/mx1 "another row" "$(swap dkim_secret 'sealed = b.sealed');
	$(swap kek 'sealed = b.sealed, uuid = b.uuid')" dkim_secret kek
attack "nor with all of the other key's row, under this domain" hr/mx1 "another row" "$(swap dkim_secret 'sealed = b.sealed');
	$(swap kek 'sealed = b.sealed, uuid = b.uuid');
	$(swap dkim_key 'public_key = b.public_key, selector = b.selector, client_uuid = b.client_uuid')" dkim_secret kek dkim_key
attack "a provider's key does not serve another provider" hr/mx1 "another row" "$(swap kek 'sealed = b.sealed')" kek
attack "another customer's password goes to no other server" hr/mx1 "by another key than its row says" "$(swap smarthost_secret 'sealed = b.sealed')" smarthost_secret
attack "nor with that provider's own key moved along" hr/mx1 "another row" "$(swap smarthost_secret 'sealed = b.sealed, version = b.version');
	$(swap kek 'sealed = b.sealed, uuid = b.uuid'); $(swap smarthost 'host = b.host, uuid = b.uuid')" smarthost_secret kek smarthost
attack "a selector of another name opens nothing" lms/mx1 "another row" "UPDATE dkim_key SET selector = 'x' || selector" dkim_key
attack "nor does another public half, to be published" lms/mx1 "another row" \
	"UPDATE dkim_key a SET public_key = b.public_key FROM kept_dkim_key b WHERE a.id <> b.id" dkim_key
attack "one relay does not get what is sealed for another" lms/mx2 "was not enrolled" "UPDATE relay_key a SET public_key = b.public_key
	FROM kept_relay_key b WHERE a.provider_id = $hr AND b.provider_id = $lms; UPDATE relay_key a SET public_key = b.public_key
	FROM kept_relay_key b WHERE a.provider_id = $lms AND b.provider_id = $hr" relay_key
run use hr/mx1
status_is "with everything in its place again, all is good" 0
is "the other provider's too" "$(use lms/mx1 > /dev/null; echo $?)" 0

# ---------------------------------------------------------------- a relay's disk is stolen

thief() { # RELAY BUNDLE-FOLDER TREE [OPTION...]: with that relay's identity
	local id=${1/\//-} folder=$2 tree=$3; shift 3
	mkdir -p "$HOUSE/$tree"
	senderctl-relay install --identity "$HOUSE/identity-$id" --bundle "$folder/BUNDLE" --signer "$signer" \
		--root "$HOUSE/$tree" --state "$HOUSE/$tree.last" --any-parents "$@"
}
ok "it has its keys, for whoever holds it" thief lms/mx1 "$HOUSE/first-lms-mx1" stolen
mapfile -t pems < <(find "$HOUSE/stolen" -name '*.pem')
is "they are those of its provider" "${#pems[@]}" "$(look "SELECT count(*) FROM dkim_key WHERE provider_id = $lms AND publish_pending_at IS NOT NULL")"
is "and sign" "$(openssl pkey -in "${pems[0]}" -noout -check)" "Key is valid"
ok "and the passwords of that provider" grep -rq "a password of lms" "$HOUSE/stolen"
ok "not one of another" bash -c '! grep -rq "a password of hr" "$1"' - "$HOUSE/stolen"
is "nor a key of another" "$(for pem in "${pems[@]}"; do
	look "SELECT count(*) FROM dkim_key WHERE provider_id = $hr
		AND public_key = decode('$(openssl pkey -in "$pem" -pubout -outform DER | base64 -w0)', 'base64')"
done | sort -u)" 0
run thief lms/mx1 "$HOUSE/first-hr-mx1" other
is_refused "bundles of another provider's relay do not open with it" "made for another relay"
run thief lms/mx1 "$HOUSE/first-lms-mx2" other
is_refused "nor those of the relay beside it" "made for another relay"
run thief lms/mx2 "$HOUSE/first-lms-mx1" other
is_refused "its own bundle is not taken by another relay" "made for another relay"
is "nothing was written" "$(find "$HOUSE/other" -type f | wc -l)" 0
ok "an old bundle opens again for it: what was recorded stays readable" thief lms/mx1 "$HOUSE/first-lms-mx1" again
senderctl key generate info@lms.acme.example --standby > /dev/null 2>&1 || senderctl key generate lms.acme.example --standby > /dev/null
senderctl handover issue lms/acme > /dev/null
ok "the relay that lives goes on to the next" export_to lms/mx2 "$HOUSE/next-lms-mx2"
ok "and installs it" thief lms/mx2 "$HOUSE/next-lms-mx2" living
run thief lms/mx2 "$HOUSE/first-lms-mx2" living
is_refused "the one before is not played to it again" "was installed already"
python3 - "$HOUSE/next-lms-mx2/BUNDLE" "$HOUSE/stitched" <<'END'
import os, sys
os.makedirs(sys.argv[2])
data = bytearray(open(sys.argv[1], 'rb').read())
data[len(data) // 2] ^= 1
open(sys.argv[2] + '/BUNDLE', 'wb').write(data)
END
run thief lms/mx2 "$HOUSE/stitched" living
is_refused "one that was touched on its way is not opened" "damaged"

# ---------------------------------------------------------------- a rogue project manager
# Rows of other providers, sealed columns and the event log: tests/sql/rights.sh.

look "SELECT user_grant('anna', 'manager', ARRAY[$lms]::bigint[])" > /dev/null
manager() { as_root_of_database -v VERBOSITY=verbose senderctl -c "SET SESSION AUTHORIZATION anna" -c "SET search_path = senderctl" -c "$1" 2>&1; }
before=$(look "SELECT md5(string_agg(k::text, '' ORDER BY id)) FROM dkim_key k")
held() { # NAME SQL: the database says no, for want of a right or by a rule of its own
	local said
	said=$(manager "$2")
	[[ $said == *"ERROR:  42501: permission denied for table"* || $said == *"ERROR:  SC001:"* ]]
	tell $? "$1" || note "$said"
}
held "she adds no key of her own" "INSERT INTO dkim_key OVERRIDING SYSTEM VALUE SELECT * FROM dkim_key"
held "nor puts her public half under a selector" "UPDATE dkim_key SET public_key = '\\x00'"
held "nor gives a key another name" "UPDATE dkim_key SET selector = 'mine'"
held "nor hides one" "DELETE FROM dkim_key"
held "she does not say that a key was seen yesterday" "UPDATE dkim_key SET seen_since = now() - interval '1 day'"
held "nor that it signs since then" "UPDATE dkim_key SET active_at = now() - interval '1 day'"
held "nor that it was handed over then" "UPDATE dkim_key SET publish_pending_at = now() - interval '1 day'"
held "nor that it leaked tomorrow" "UPDATE dkim_key SET revoked_at = now() + interval '1 day'"
held "she seals nothing" "INSERT INTO dkim_secret SELECT * FROM dkim_secret"
held "nor takes a sealed key away" "DELETE FROM dkim_secret"
held "she enrols no relay" "UPDATE relay_key SET public_key = '\\x00'"
held "nor an officer" "INSERT INTO officer OVERRIDING SYSTEM VALUE SELECT * FROM officer"
held "nor counts a bundle back" "UPDATE relay_bundle SET sequence = 1"
held "nor says that a relay has it" "INSERT INTO relay_bundle SELECT * FROM relay_bundle"
held "nor forgets a request" "DELETE FROM request"
is "and all keys are as they were" "$(look "SELECT md5(string_agg(k::text, '' ORDER BY id)) FROM dkim_key k")" "$before"

# ---------------------------------------------------------------- a client of the service that lies

if [ "$(id -u)" = 0 ]; then
	stranger=65534 mkdir_second=$HOUSE/second
	install -d -o senderkeyd -g senderkeyd -m 755 "$mkdir_second"
	printf 'user %s status,generate lms\n' $stranger > "$HOUSE/peers"
	chown root "$HOUSE/peers"; chmod 644 "$HOUSE/peers"
	service() { # service NAME OPTION...: one more, beside the first
		local name=$1; shift
		background "$name" "${as_keyd[@]}" \
			"$top_builddir/senderkeyd" --allow-swap --master-key "$SENDERCTL_STATE/keys/master.key" \
			--socket "$mkdir_second/$name" "$@" \
			--database "host=$SENDERCTL_STATE/run/db user=$(look "SELECT role('keyd')") dbname=senderctl"
		until_true 20 test -S "$mkdir_second/$name" && sleep 0.2 && chmod 666 "$mkdir_second/$name"
	}
	asks() { # asks SERVICE UID PROVIDER OPERATION FIELD=VALUE...
		local name=$1 uid=$2; shift 2
		setpriv --reuid="$uid" --regid="$uid" --clear-groups /usr/bin/python3 -c '
import json, os, socket, sys, uuid
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.settimeout(30)
s.connect(sys.argv[1])
try:
    ask = dict(word.split("=", 1) for word in sys.argv[4:])
    ask = {k: int(v) if v.isdigit() and len(v) < 9 else v for k, v in ask.items()}
    files = [os.memfd_create("x"), os.memfd_create("y")] if sys.argv[3] == "bundle" else []
    socket.send_fds(s, [json.dumps(dict(ask, op=sys.argv[3], n=1, provider=int(sys.argv[2]),
                                        request=str(uuid.uuid4()))).encode()], files)
    got = s.recv(65536)
except OSError as error:
    got = b""
print("hung up" if not got else json.loads(got)["error"]["message"] if not json.loads(got)["ok"] else "done")' \
			"$mkdir_second/$name" "$@" 2>&1
	}
	domain() { look "SELECT id FROM domain WHERE name = '$1.acme.example'"; }
	ok "a service that knows nobody" service nobody
	is "hangs up on who is not named" "$(asks nobody $stranger "$lms" status)" "hung up"
	is "whatever he asks" "$(asks nobody $stranger "$lms" generate domain="$(domain lms)" algorithm=ed25519-sha256)" "hung up"
	chmod 666 "$HOUSE/peers"
	run "${as_keyd[@]}" "$top_builddir/senderkeyd" --allow-swap --master-key \
		"$SENDERCTL_STATE/keys/master.key" --socket "$mkdir_second/x" --peers "$HOUSE/peers" --database "host=/nowhere"
	is_refused "a peers file that others can change is not believed" "can be changed by others"
	chmod 644 "$HOUSE/peers"
	ok "a service that lets her make keys of her provider" service some --peers "$HOUSE/peers"
	is "so she may" "$(asks some $stranger "$lms" generate domain="$(domain lms)" algorithm=ed25519-sha256)" "done"
	no="may not ask the key service for"
	has "but not in the other" "$(asks some $stranger "$hr" generate domain="$(domain hr)" algorithm=ed25519-sha256)" "$no"
	is "nor the other's domain in hers" \
		"$(asks some $stranger "$lms" generate domain="$(domain hr)" algorithm=ed25519-sha256)" "the key service knows no such domain"
	identity=$(senderctl-relay show --identity "$HOUSE/identity-lms-mx2" | sed -n 's/^identity //p')
	for operation in bundle destroy relay-enrol smarthost-secret key-import; do
		has "nor ask for $operation" "$(asks some $stranger "$lms" $operation key=1 domain=1 relay=1 smarthost=1 selector=x version=1 \
			"identity=$identity" "tree=$(printf '%064d' 0)" "generation=$(cat /proc/sys/kernel/random/uuid)")" "$no"
	done
	has "nor for another master key" "$(asks some $stranger "$lms" master-rotate)" "only root and the key service's own user"
	ok "what was refused is in the event log, with who asked" test "$(look "SELECT count(*) FROM event WHERE what = 'keys.refuse'
		AND provider_id = $hr AND why LIKE '%may not ask the key service for \"generate\"%'")" = 1

	# nothing but lies: valid questions with bytes exchanged, cut, repeated, and of wrong types
	pid=${house_pids[-1]}
	look "SELECT count(*) FROM dkim_key" > "$HOUSE/keys.before"
	run setpriv --reuid=$stranger --regid=$stranger --clear-groups /usr/bin/python3 - "$mkdir_second/some" "$hr" "$(domain hr)" <<'END'
import json, random, socket, sys, time, uuid
seed = random.SystemRandom().randrange(1 << 32)
print('seed', seed)
dice = random.Random(seed)
valid = [dict(op=op, n=1, provider=int(sys.argv[2]), domain=int(sys.argv[3]), algorithm='ed25519-sha256', lang='en',
              request=str(uuid.UUID(int=dice.getrandbits(128))), relay=1, tree='00' * 32, generation=str(uuid.UUID(int=7)))
         for op in ('generate', 'status', 'bundle', 'destroy', 'relay-enrol', 'unlock', 'master-rotate', 'probe-login')]
odd = [None, -1, 1 << 70, 1e300, '', 'x' * 9000, [], {}, [[[]]], True, '\0', '\ud800', '%n%s', "'; DROP TABLE dkim_key; --", '../../x']
def lie():
    question = dict(dice.choice(valid))
    for _ in range(dice.randrange(3)):
        question[dice.choice(list(question))] = dice.choice(odd)
    data = bytearray(json.dumps(question).encode())
    for _ in range(dice.choice([0, 0, 1, 5])):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data[:dice.randrange(1, len(data) + 1)] if dice.random() < .3 else data * dice.choice([1, 1, 1, 2]))[:65536]
answered = hung = 0
s = None
for i in range(1500):
    if s is None:
        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.settimeout(20); s.connect(sys.argv[1])
    try:
        s.send(lie())
        got = s.recv(65536)
    except TimeoutError:
        raise
    except OSError:
        got = b''
    if not got:
        hung, s = hung + 1, s.close()
        continue
    answer = json.loads(got)
    assert not answer['ok'] or 'signing_key' in answer, answer
    answered += 1
    time.sleep(0.0015)  # below the rate at which it would not listen any more
print(answered, 'answered,', hung, 'hung up')
assert answered > 100
END
	status_is "1500 lies: each is refused in a sentence, or hung up on" 0
	note "$output $complaint"
	ok "the service lives" kill -0 "$pid"
	is "and works" "$(asks some $stranger "$lms" status)" "done"
	is "no key came or went" "$(look "SELECT count(*) FROM dkim_key")" "$(cat "$HOUSE/keys.before")"
	for pid in "${house_pids[@]: -2}"; do kill "$pid" && wait "$pid"; done 2> /dev/null
else
	skip "a client that is not root" "not root"
fi

# ---------------------------------------------------------------- a dump is stolen

before=$(senderctl key list --json)
pg_dump -h "$SENDERCTL_STATE/run/db" -U senderctl_admin senderctl > "$HOUSE/dump.sql"
pg_dumpall -h "$SENDERCTL_STATE/run/db" -U senderctl_admin --roles-only > "$HOUSE/roles.sql"
ok "neither a key nor a password stands in it" bash -c '! grep -qE "PRIVATE KEY|a password of" "$1"' - "$HOUSE/dump.sql"
senderctl down > /dev/null
rm -rf "$SENDERCTL_STATE"
export SENDERCTL_STATE=$HOUSE/thief
senderctl up > /dev/null || bail "the thief has no house"
own_master=$(look "SELECT uuid FROM master_key")
as_root_of_database postgres -c 'DROP DATABASE senderctl WITH (FORCE)' -c 'CREATE DATABASE senderctl' \
	-f "$HOUSE/roles.sql" > "$HOUSE/restore.log" 2>&1
as_root_of_database senderctl -v ON_ERROR_STOP=1 -f "$HOUSE/dump.sql" > "$HOUSE/restore.log" 2>&1
is "what it yields: names, selectors, public halves, states" "$(senderctl key list --json)" "$before"
senderctl down > /dev/null
run senderctl up
is_refused "with a master key of the thief's the service does not start" "another master key"
senderctl up --recover > /dev/null
run use lms/mx1
is_refused "started for a recovery, it makes no bundle" "another master key"
sql "DELETE FROM master_key; DELETE FROM keyd_key; UPDATE kek SET mk_uuid = '$own_master', mk_version = 1" > /dev/null
senderctl down > /dev/null
run senderctl up
status_is "a thief who makes the rows claim his master key has a service" 0
own=$(senderctl relay keygen --identity "$HOUSE/own" --json)
senderctl relay enrol lms/mx1 "$(field "$own" '["identity"]')" --yes > /dev/null
run use lms/mx1
is_refused "and no key opens, even for a relay of his own" "by another key than its row says"
run senderctl key generate lms.acme.example --standby --algorithm ed25519
is_refused "nor is anything sealed under what the dump has" "by another key than its row says"
sql "DELETE FROM dkim_key; DELETE FROM dkim_secret; DELETE FROM smarthost_secret; DELETE FROM kek" > /dev/null
senderctl key generate lms.acme.example > /dev/null
senderctl handover issue lms/acme > /dev/null
run export_to lms/mx1 "$HOUSE/forged"
ok "with keys of his own he makes bundles" test -f "$HOUSE/forged/BUNDLE"
ok "he opens them" senderctl-relay install --identity "$HOUSE/own" --bundle "$HOUSE/forged/BUNDLE" \
	--signer "$(signing_key)" --root "$HOUSE/forged" --any-parents
run senderctl-relay install --identity "$HOUSE/own" --bundle "$HOUSE/forged/BUNDLE" --signer "$signer" \
	--root "$HOUSE/other" --any-parents
is_refused "and no relay that knows the vendor's service takes them" "not signed by our key service"
finish
