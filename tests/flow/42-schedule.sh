#!/bin/bash
# When a key is relieved by policy, who takes the step, and the rules that nobody gets around.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

# As if it had happened long ago: a superuser of the test steps around the guards.
past() { look "SET session_replication_role = replica; $1" > /dev/null; }
# denied NAME PART SQL: the database itself refuses, with whatever program
denied() { has "$1" "$(look "$3" 2>&1)" "$2"; }
key() { look "SELECT $1 FROM dkim_key k JOIN domain d ON d.id = k.domain_id WHERE d.name = 'acme.example' ${2-}"; }
waits() { python3 -c 'import json,sys
print(" ".join(w for k in json.loads(sys.argv[1]) if k["selector"] == sys.argv[2] for w in k["waits_for"]))' "$output" "$1"; }

house_up
senderctl provider add lms --title Vendor --hosting-domain learning.vendor.example \
	--default-sender noreply@learning.vendor.example --spf-host _spf.learning.vendor.example > /dev/null
senderctl client add lms/acme --title Acme > /dev/null
senderctl login add lms/acme app > /dev/null
senderctl sender add lms/acme info@acme.example --mode relayed > /dev/null
p=$(look "SELECT provider_id FROM provider")
run senderctl provider show lms --json
is "unless said otherwise a key is relieved within 180 days, and one of a year is warned of" \
	"$(field "$output" '["rotate_every"]') $(field "$output" '["warn_after"]')" "180 days 365 days"

# ---------------------------------------------------------------- ten thousand keys of one day

past "INSERT INTO domain (provider_id, name, client_id, mode)
	SELECT $p, 'd' || i || '.example', (SELECT id FROM client), 'relayed' FROM generate_series(1, 10000) i;
	INSERT INTO dkim_key (provider_id, uuid, domain_id, client_uuid, selector, algorithm, bits, public_key, publish,
		generated_at, publish_pending_at, seen_since, published_at, usable_at, active_at, probes)
	SELECT $p, gen_random_uuid(), d.id, gen_random_uuid(), 's202601a', 'rsa-sha256', 2048,
		decode(repeat(md5(d.name), 12), 'hex'), 'txt', b, b, b, b, b, b, 3
	  FROM domain d, (SELECT date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '10 days') t (b) WHERE d.name ~ '^d[0-9]'"
senderctl provider set lms --rotate-every '100 days' > /dev/null
is "another policy is another moment for every key" "$(look "SELECT count(*) FROM dkim_key WHERE rotate_at IS NOT NULL")" 10000
is "no key gets older than that" "$(look "SELECT bool_and(rotate_at <= active_at + '100 days'::interval) FROM dkim_key")" t
is "nor is one relieved before four fifths of it" "$(look "SELECT bool_and(rotate_at >= active_at + '80 days'::interval) FROM dkim_key")" t
spread=$(look "SELECT count(*) || ' ' || max(n) || ' ' || min(n) FROM (
	SELECT count(*) AS n FROM dkim_key GROUP BY (rotate_at AT TIME ZONE 'UTC')::date) x")
read -r days most least <<< "$spread"
note "ten thousand keys on $days days: at most $most, at least $least a day"
is "ten thousand keys that began on one day are spread over twenty" "$days" 20
ok "no day has three times its share" test "$most" -lt 1500
ok "nor is one left without" test "$least" -gt 250
is "each key's place is its own, and stays" "$(look "SELECT bool_and(rotate_at = dkim_key_rotate_at(k, '100 days')) FROM dkim_key k")" t
senderctl domain set d1.example --rotate-every '30 days' > /dev/null
like "a domain may have a period of its own" "$(look "SELECT rotate_at - active_at FROM dkim_key k JOIN domain d ON d.id = k.domain_id
	WHERE d.name = 'd1.example'")" '^2[4-9] days|^30 days'
senderctl domain set d1.example --rotate-every '' > /dev/null
like "and give it up again" "$(look "SELECT rotate_at - active_at FROM dkim_key k JOIN domain d ON d.id = k.domain_id
	WHERE d.name = 'd1.example'")" '^[89][0-9] days|^100 days'
refused "a period is a time" 2 "not a span of time" senderctl domain set d1.example --rotate-every soon
look "ANALYZE dkim_key" > /dev/null
plan=$(look "EXPLAIN SELECT * FROM dkim_key_due")
has "what is due is found by an index" "$plan" "on dkim_key k"
has_not "and reads no table of keys from end to end" "$plan" "Seq Scan on dkim_key"
past "DELETE FROM dkim_key; DELETE FROM domain WHERE name ~ '^d[0-9]'"

# ---------------------------------------------------------------- one key that is due

senderctl key generate acme.example > /dev/null
senderctl handover issue lms/acme > /dev/null
first=$(key selector)
signs() { # SELECTOR SINCE: as if it had signed since then
	past "UPDATE dkim_key SET publish_pending_at = b, generated_at = b, seen_since = b, published_at = b, usable_at = b,
		active_at = b, probes = 3, standby = false FROM (SELECT now() - interval '$2') t (b) WHERE selector = '$1'"
	look "UPDATE dkim_key SET rotate_at = NULL WHERE selector = '$1'" > /dev/null
}
signs "$first" '40 days'
run senderctl key advance
status_is "a young key needs nothing" 0
has "and the next moment is told" "$output" "the next moment"
run senderctl key advance --explain --json
is "explained: it waits for its age" "$(waits "$first")" order
like "with the day" "$output" '"not_before": "20'
run senderctl key list acme.example
has "the list says when its successor is due" "$output" "its successor is due at"
signs "$first" '99 days 23 hours'
past "UPDATE domain SET dkim = false"
run senderctl key advance --explain --json
is "a domain that is not signed any more needs no successor" "$(field "$output" '[0]["done"]') $(key 'count(*)')" "False 1"
past "UPDATE domain SET dkim = true"
run senderctl key advance --dry-run
has "a dry run orders nothing" "$output" "a successor would be ordered"
is "really" "$(key 'count(*)')" 1
run senderctl key advance --json
status_is "a key that reached its age gets a successor" 0
second=$(field "$output" '[0]["successor"]')
is "which was made for it" "$(key k.selector "AND k.active_at IS NULL")" "$second"
is "the old one signs on" "$(senderctl key show acme.example "$first" --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["state"])')" active
run senderctl key advance
has "one successor is enough" "$output" "no key can be moved on"
run senderctl key advance --explain --json
is "explained: it is on its way" "$(waits "$first")" successor
has "the event log says why" "$(senderctl history --json)" "key.generate"
senderctl key cancel acme.example "$second" --yes > /dev/null
senderctl key generate acme.example --standby > /dev/null
third=$(key k.selector "AND k.standby")
run senderctl key advance
has "a key that was handed over ahead is taken first" "$output" "$third will relieve it"
has "and that stands in the log" "$(senderctl history --json)" "it reached the age at which it is relieved"
senderctl handover issue lms/acme > /dev/null
senderctl sender add lms/acme info@birke.example --mode relayed > /dev/null
senderctl domain set birke.example --dkim-publish cname > /dev/null   # so that no selector is named twice here
senderctl key generate birke.example > /dev/null
run senderctl key advance birke.example
has "what waits is counted for whom it was asked" "$output" "1 key is on its way"
has_not "another domain's moment is its own" "$output" "the next moment"
past "UPDATE dkim_key SET publish_pending_at = b, generated_at = b, seen_since = b, published_at = b, usable_at = b, active_at = b,
	rotate_at = now() FROM (SELECT now() - interval '200 days') t (b) WHERE domain_id = (SELECT id FROM domain WHERE name = 'birke.example')"
echo 'dns { resolvers = {"127.0.0.1:9"} timeout = 0.1 }' > "$SENDERCTL_CONFIG"
run senderctl monitor --once --json
is "the monitor leaves keys alone unless it is told to" "$(field "$output" '["keys_moved"]')" 0
senderctl provider set lms --advance monitor > /dev/null
run senderctl monitor --once --json
is "then it takes the steps that are due" "$(field "$output" '["keys_moved"]')" 1
is "here it ordered a successor" "$(look "SELECT count(*) FROM dkim_key k JOIN domain d ON d.id = k.domain_id WHERE d.name = 'birke.example'")" 2
: > "$SENDERCTL_CONFIG"

# ---------------------------------------------------------------- age

ages() { look "SELECT watch_finish($p, id) FROM domain WHERE name = 'acme.example'" > /dev/null
	look "SELECT coalesce(string_agg(occasion, ' ' ORDER BY id), '') FROM change WHERE kind = 'key-age'"; }
is "that a key is due is told" "$(ages)" due
signs "$first" '366 days'
is "that it is too old, too" "$(ages)" "due year"
look "DELETE FROM change" > /dev/null 2>&1
senderctl provider set lms --warn-after '2000 days' > /dev/null
is "by the provider's patience" "$(ages)" "due year"

# ---------------------------------------------------------------- the rules, each alone

up="UPDATE dkim_key SET"
mine="WHERE selector = '$third'"
ripe() { past "$up publish_pending_at = b, seen_since = b, published_at = b, usable_at = b, probes = 3, bits = 2048, revoked_at = NULL,
	generated_at = b, active_at = NULL FROM (SELECT now() - interval '2 days') t (b) $mine"; }
ripe
relieve="$up retiring_at = now() WHERE selector = '$first'"
denied "an active key does not go without another" "would sign" "BEGIN; $relieve; COMMIT"
past "$up bits = 1024 $mine"
denied "1024 bits do not sign" "less than 2048 bits" "BEGIN; $relieve; $up active_at = now() $mine; COMMIT"
ripe; past "$up probes = 2 $mine"
denied "nor what was seen too seldom" "not seen often enough" "BEGIN; $relieve; $up active_at = now() $mine; COMMIT"
ripe; past "$up seen_since = now(), published_at = now(), usable_at = NULL $mine"
look "$up probes = probes $mine" > /dev/null
denied "nor what was seen too lately" "not over" "BEGIN; $relieve; $up active_at = now() $mine; COMMIT"
senderctl key generate acme.example --algorithm ed25519 > /dev/null
past "$up revoked_at = now() WHERE selector = '$first'; $up publish_pending_at = b, seen_since = b, published_at = b, usable_at = b,
	generated_at = b, probes = 3 FROM (SELECT now() - interval '2 days') t (b) WHERE algorithm = 'ed25519-sha256'"
denied "nor Ed25519 alone" "must sign beside it" "$up active_at = now() WHERE algorithm = 'ed25519-sha256'"
past "$up revoked_at = NULL WHERE selector = '$first'"; ripe
past "$up seen_since = now() + interval '1 hour', published_at = now() + interval '1 hour' $mine"
denied "a clock that stands before a moment of the key moves nothing" "was set back" "$up probes = probes + 1 $mine"
ripe; past "INSERT INTO event (provider_id, subject, what, at) VALUES ($p, 'acme.example', 'key.seen', now() + interval '1 hour')"
denied "nor one that stands before what its provider saw" "was set back" "BEGIN; $relieve; $up active_at = now() $mine; COMMIT"
refused "the program says so in a sentence" 4 "the clock of the database" senderctl key destroy acme.example "$second" --yes
look "ALTER TABLE event DISABLE TRIGGER event_append_only; DELETE FROM event WHERE what = 'key.seen';
	ALTER TABLE event ENABLE ALWAYS TRIGGER event_append_only" > /dev/null
look "BEGIN; $relieve; $up active_at = now() $mine; COMMIT" > /dev/null
is "with everything in order one goes and one comes" "$(key "string_agg(dkim_key_state(k), ' ' ORDER BY k.id)" "AND k.cancelled_at IS NULL AND k.bits > 256")" "retiring active"
denied "retiring waits for mail under way" "under way" "$up last_signed_at = retiring_at, retired_at = now() WHERE selector = '$first'"
denied "what is recorded stays" "does not change" "$up active_at = now() $mine"
denied "nobody writes a date" "recorded when it happens" "$up revoked_at = now() - interval '1 day' $mine"
is "nor when the successor is due" "$(look "$up rotate_at = now() + interval '99 years' $mine RETURNING rotate_at < now() + interval '101 days'")" t

# ---------------------------------------------------------------- four people at once

people=()
for i in 1 2 3 4; do
	{ senderctl key rotate acme.example > "$HOUSE/ordered.$i" 2>&1; echo "status $?" >> "$HOUSE/ordered.$i"; } &
	people+=($!)
done
wait "${people[@]}"
is "who orders a successor at the same moment gets the same one" "$(grep -c "status 0" "$HOUSE"/ordered.* | grep -c ':1$')" 4
is "and there is one" "$(key 'count(*)' "AND dkim_key_state(k) = 'generated' AND k.algorithm = 'rsa-sha256'")" 1
finish
