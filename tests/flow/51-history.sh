#!/bin/bash
# What happened can't be rewritten, not even by the superuser of the database: the chain shows it.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

# What the superuser does to the events of a provider, and undoes again.
doctored() { # doctored SQL
	look "ALTER TABLE event DISABLE TRIGGER ALL; ALTER TABLE event_link DISABLE TRIGGER ALL;
		ALTER TABLE event_seal DISABLE TRIGGER ALL; $1;
		ALTER TABLE event ENABLE TRIGGER ALL; ALTER TABLE event_link ENABLE TRIGGER ALL;
		ALTER TABLE event_seal ENABLE TRIGGER ALL;" > /dev/null
}
found() { # found NAME SENTENCE [ARGUMENT...]
	local name=$1 sentence=$2
	shift 2
	run senderctl history verify lms "$@" --json
	status_is "$name: the exit status says so" 1
	has "$name" "$(field "$output" '[0]["fault"]')" "$sentence"
}
clean() { # clean NAME
	run senderctl history verify lms --json
	is "$1" "$status $(field "$output" '[0]["fault"]')" "0 None"
}

house_up
for provider in lms hr; do
	senderctl provider add $provider --title $provider --hosting-domain $provider.vendor.example \
		--default-sender no@$provider.vendor.example --spf-host _spf.$provider.vendor.example > /dev/null
	senderctl client add $provider/acme --title "Acme of $provider" > /dev/null
done
senderctl login add lms/acme app > /dev/null
senderctl sender add lms/acme info@acme.example --mode relayed --login app > /dev/null
run senderctl key generate --all
status_is "a key is made, by the service" 0

run senderctl history verify
status_is "nothing was changed" 0
has "and that is said" "$output" "nothing was changed"
run senderctl history verify lms --json
count=$(look "SELECT count(*) FROM event e JOIN provider p USING (provider_id) WHERE p.name = 'lms'")
is "every event of the provider has its link" "$(field "$output" '[0]["links"]')" "$count"
is "and the last of them is sealed" "$(field "$output" '[0]["sealed"]')" "$count"
noted=$(field "$output" '[0]["end"]')
like "the end can be noted down" "$noted" '^[0-9]+:[0-9a-f]{64}$'
LANGUAGE=de run senderctl --lang de history verify lms
has "in German as well" "$output" "nichts wurde geändert"

# the same chain, made by somebody who only knows what keys/event_link.h says
python3 - "$(look "SELECT json_agg(json_build_array(uuid, id::text, at, xid::text, actor, client_id::text, subject, what, why, detail::text) ORDER BY position) FROM (
	SELECT p.uuid, e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS at, e.xid, e.actor, e.client_id, e.subject, e.what, e.why, e.detail, l.position
	FROM event_link l JOIN event e ON (e.provider_id, e.id) = (l.provider_id, l.event_id) JOIN provider p ON p.provider_id = e.provider_id WHERE p.name = 'lms') x")" \
	> "$HOUSE/end" <<'END'
import hashlib, json, struct, sys
rows = json.loads(sys.argv[1])
link = hashlib.sha256(b"senderctl/events/v1\n" + rows[0][0].encode()).digest()
for row in rows:
    text = b"".join(struct.pack(">I", 0xffffffff) if f is None else struct.pack(">I", len(f.encode())) + f.encode()
                    for f in row[1:])
    link = hashlib.sha256(link + text).digest()
print(f"{len(rows)}:{link.hex()}")
END
is "another program computes the same end" "$(cat "$HOUSE/end")" "$noted"

senderctl client set lms/acme --title "Acme Ltd" > /dev/null
run senderctl history verify lms --noted "$noted" --json
is "what was noted down is still part of it" "$status $(field "$output" '[0]["fault"]')" "0 None"
refused "an end that is none" 2 "is not the end of a chain" senderctl history verify lms --noted 12
refused "an end of everybody" 2 "name it" senderctl history verify --noted "$noted"

# ---------------------------------------------------------------- rewriting

refused_sql() { look "$1" 2>&1 | grep -c "append-only"; }
is "links are append-only" "$(refused_sql 'UPDATE event_link SET event_id = event_id')" 1
is "seals are append-only" "$(refused_sql 'DELETE FROM event_seal')" 1

lms="provider_id = (SELECT provider_id FROM provider WHERE name = 'lms')"
actor=$(look "SELECT actor FROM event WHERE $lms AND what = 'key.generate'")
doctored "UPDATE event SET actor = 'mallory' WHERE $lms AND what = 'key.generate'"
found "another author" "was changed"
has "the event is named" "$output" "mallory"
doctored "UPDATE event SET actor = '$actor' WHERE $lms AND what = 'key.generate'"
clean "undone, all fits again"

doctored "CREATE TABLE keep AS SELECT * FROM event WHERE $lms AND what = 'sender.add'; DELETE FROM event WHERE $lms AND what = 'sender.add'"
found "an event that was removed" "was removed"
doctored "INSERT INTO event OVERRIDING SYSTEM VALUE SELECT * FROM keep"
clean "put back, all fits again"

doctored "INSERT INTO event ($(look "SELECT string_agg(attname, ',') FROM pg_attribute WHERE attrelid = 'event'::regclass AND attnum > 0 AND attname NOT IN ('id')")) SELECT provider_id, at, xid, actor, client_id, subject, 'key.revoke', why, detail FROM keep"
found "an event that was slipped in" "beside the chain"
has "it is named" "$output" "key.revoke"
doctored "DELETE FROM event WHERE $lms AND what = 'key.revoke'"
clean "taken out, all fits again"

# whoever rewrites the links as well lacks the key that seals
last=$(look "SELECT max(position) FROM event_link WHERE $lms")
doctored "CREATE TABLE keep2 AS SELECT * FROM event_link WHERE $lms AND position = $last; UPDATE event_link SET digest = sha256(digest) WHERE $lms AND position = $last"
found "a link that was rewritten" "was changed"
doctored "UPDATE event_link l SET digest = k.digest FROM keep2 k WHERE l.provider_id = k.provider_id AND l.position = k.position"
clean "put back, all fits again"
doctored "CREATE TABLE keep3 AS SELECT * FROM event_seal WHERE $lms AND position = $last; UPDATE event_seal SET signature = set_byte(signature, 5, get_byte(signature, 5) # 1) WHERE $lms AND position = $last"
found "a seal that was rewritten" "does not fit"
doctored "UPDATE event_seal SET public_key = sha256(public_key) WHERE $lms AND position = $last"
found "a seal by another key" "not the service's"
doctored "DELETE FROM event_seal WHERE $lms AND position = $last; INSERT INTO event_seal SELECT * FROM keep3"
clean "put back, all fits again"

# cutting off the end needs a witness: the service while it runs, a noted end for ever
run senderctl history verify lms --json
noted=$(field "$output" '[0]["end"]')
doctored "DELETE FROM event WHERE $lms AND id = (SELECT event_id FROM keep2); DELETE FROM event_link WHERE $lms AND position = $last; DELETE FROM event_seal WHERE $lms AND position = $last"
senderctl client set lms/acme --title "Acme plc" > /dev/null
run senderctl history verify lms
has "the service remembers how long the chain was" "$complaint" "was cut"
house_keyd_restart() { kill "$(keyd_pid)"; until_true 10 gone && senderctl up > /dev/null; }
gone() { ! senderctl history verify hr > /dev/null 2>&1; }
house_keyd_restart
found "after a restart a noted end knows it" "not the one that was noted down" --noted "$noted"
run senderctl history verify hr
status_is "the other provider's history is not touched by that" 0

# ---------------------------------------------------------------- many at once

run senderctl history verify hr --json
before=$(field "$output" '[0]["links"]')
for i in 1 2 3 4; do
	(for j in 1 2 3; do senderctl client set hr/acme --title "Acme $i $j" > /dev/null 2>&1; done) &
	(senderctl history verify hr > /dev/null 2>&1) &
done
wait
clean_hr() { run senderctl history verify hr --json; is "$1" "$status $(field "$output" '[0]["fault"]')" "0 None"; }
clean_hr "writers and sealers side by side leave one chain"
is "with every event in it" "$(field "$output" '[0]["links"]')" \
	"$(look "SELECT count(*) FROM event e JOIN provider p USING (provider_id) WHERE p.name = 'hr'")"
ok "those of all four writers" test "$(field "$output" '[0]["links"]')" -ge $((before + 4))
kill -9 "$(keyd_pid)"
refused "without the service nothing is proved" 3 "cannot reach the key service" senderctl history verify hr
finish
