#!/bin/bash
# When a domain is looked at next, by whom, and what counts as a change: the rules in the database.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh"
house_up

senderctl provider add lms --title lms --hosting-domain lms.vendor.example \
	--default-sender no@lms.vendor.example --spf-host _spf.lms.vendor.example > /dev/null
senderctl client add lms/acme --title Acme > /dev/null
senderctl login add lms/acme app > /dev/null
for n in 1 2 3 4 5 6; do
	senderctl sender add lms/acme info@d$n.example --mode relayed > /dev/null
done
p=$(look "SELECT provider_id FROM provider")
d() { look "SELECT id FROM domain WHERE name = 'd$1.example'"; }
d1=$(d 1) d2=$(d 2)
# A session of its own, as another monitor has it: session NAME; then tell NAME SQL, hear NAME
claim() { # MONITOR MOST LEASE: the domains it got
	sed -e "s/\\\$1/'0000000$1-0000-4000-8000-000000000000'/; s/\\\$2/$3/; s/\\\$3/$2/; s/;\$//" \
		"$top_srcdir/sql/query/watch_claim.sql" > "$HOUSE/claim.sql"
	psql -XAtq -h "$SENDERCTL_STATE/run/db" -U senderctl_admin senderctl \
		-c "SET search_path = senderctl" -f "$HOUSE/claim.sql" | cut -d'|' -f6 | sort | xargs
}

# ---- the rules: what is known, and which of them decides when
# name | facts that differ from "nothing is known" | the look | the rule | the wait
#   a look on 2026-11-25 at 12:00; the slot of d1.example is its own second of the day
cases() {
	cat <<-'END'
	a draft is looked at once a day||daily|
	what was reported is looked at after a minute|reported_at = at, open = 1|reported|00:01:00
	then after two|reported_at = at - '1 min'::interval, open = 1|reported|00:02:00
	then after five|reported_at = at - '3 min'::interval, open = 1|reported|00:05:00
	a late look does not move the next|reported_at = at - '10 min'::interval, open = 1|reported|00:08:00
	after a day every eight hours|reported_at = at - '1458 min'::interval, open = 1|reported|08:00:00
	the last look is when 72 hours are over|reported_at = at - '4319 min'::interval, open = 1|reported|00:01:00
	after that a report hurries nobody|reported_at = at - '73 hours'::interval, open = 1|daily|
	what was reported and is met is young|reported_at = at - '1 min'::interval, open = 0, met_since = at|young|01:00:00
	missed once: a negative TTL later|second_look_at = at + '5 min'::interval, open = 0, met_since = at - '9 days'::interval|second look|00:05:00
	a second look that is late comes at once|second_look_at = at - '5 min'::interval, open = 0|second look|00:00:01
	lost: every 15 minutes|lost_since = at - '1 hour'::interval, open = 1|lost|00:15:00
	later every hour|lost_since = at - '7 hours'::interval, open = 1|lost|01:00:00
	after a week once a day|lost_since = at - '8 days'::interval, open = 1|daily|
	the end of a grace is not missed|lost_since = at - '1 hour'::interval, open = 1, degrades_at = at + '3 min'::interval|grace|00:03:00
	a grace that is over is nothing|lost_since = at - '1 hour'::interval, open = 1, degrades_at = at - '3 min'::interval|lost|00:15:00
	a fresh key: each negative TTL|pending_since = at, negative_ttl = 900|key pending|00:15:00
	a minute at least|pending_since = at, negative_ttl = 1|key pending|00:01:00
	an old one: less often|pending_since = at - '40 hours'::interval, negative_ttl = 60|key pending|02:00:00
	a key that was seen once of three times|usable_at = at + '1 hour'::interval, probes_missing = 2, open = 0|key seen|00:30:00
	often enough: when it becomes usable|usable_at = at + '10 min'::interval, probes_missing = 0, open = 0|key seen|00:10:00
	usable, but not seen often enough|usable_at = at - '1 min'::interval, probes_missing = 1, open = 0|key seen|00:00:10
	could not tell: two minutes|unsure = true, attempt = 1|unknown|00:02:00
	again and again: patience|unsure = true, attempt = 4|unknown|00:16:00
	at most an hour and a bit|unsure = true, attempt = 900|unknown|01:04:00
	met lately: every hour|open = 0, met_since = at - '6 days'::interval|young|01:00:00
	met long ago: once a day|open = 0, met_since = at - '8 days'::interval|daily|
	the earliest of several wins|open = 1, unsure = true, attempt = 5, reported_at = at - '1 min'::interval|reported|00:02:00
	retired: never|retired_at = at||
	END
}
columns=$(look "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute
	WHERE attrelid = 'watch_facts'::regclass AND attnum > 0")
# Each case as one row of SQL; a fact that is not named is not known.
cases > "$HOUSE/cases"
python3 - "$HOUSE/cases" $columns > "$HOUSE/rows" <<'END'
import re, sys
for line in open(sys.argv[1]):
    name, facts, rule, wait = line.rstrip("\n").split("|")
    known = {"name": "'d1.example'", "attempt": "0", **dict(re.findall(r"(\w+) = ([^,]*)", facts))}
    row = ", ".join(known.get(column, "NULL") for column in sys.argv[2:])
    print("%s|%s|%s" % (name, row, " ".join([rule, "slot" if rule == "daily" else wait]) if rule else ""))
END
while IFS='|' read -r name values expected; do
	is "$name" "$(look "SELECT n.rule || ' ' || CASE n.rule WHEN 'daily' THEN
			CASE WHEN n.due_at - at <= '1 day' AND n.due_at > at
				AND date_trunc('day', n.due_at AT TIME ZONE 'UTC') + watch_slot('d1.example') = n.due_at AT TIME ZONE 'UTC'
				THEN 'slot' ELSE 'wrong' END
			ELSE (n.due_at - at)::text END
		FROM (VALUES (timestamptz '2026-11-25 12:00:00+00')) t (at), watch_next(ROW($values)::watch_facts, at) n")" "$expected"
done < "$HOUSE/rows"
is "ten thousand domains spread over the day" "$(look "SELECT max(n) < 600 AND min(n) > 250 AND count(*) = 24 FROM (
	SELECT count(*) AS n FROM generate_series(1, 10000) i
	 GROUP BY extract(hour FROM watch_slot('d' || i || '.example'))) x")" t

# ---- claims
is "new domains wait, and not all for the same moment" \
	"$(look "SELECT count(DISTINCT due_at) > 1 AND max(due_at) <= now() + interval '1 hour' FROM watch")" t
look "UPDATE watch SET due_at = now() + interval '1 minute'"
is "nothing that is not due is taken" "$(claim 1 10 60)" ""
look "UPDATE watch SET due_at = now()"
is "a monitor takes as many as it wants" "$(claim 1 2 60 | wc -w)" 2
is "another one takes others" "$(claim 2 10 60 | wc -w)" 4
is "what is taken is not free" "$(claim 3 10 60)" ""
is "nobody has two" "$(look "SELECT count(DISTINCT claimed_by) || ' ' || count(*) FROM watch")" "2 6"
look "UPDATE watch SET claimed_until = now() - interval '1 second' WHERE domain_id = $d1"
is "after the lease it is free" "$(claim 3 10 60)" d1.example
look "UPDATE watch SET claimed_by = NULL, claimed_until = NULL"
# a row that another session holds is stepped over, not waited for
mkfifo "$HOUSE/pipe"
psql -XAtq -h "$SENDERCTL_STATE/run/db" -U senderctl_admin senderctl < "$HOUSE/pipe" > "$HOUSE/held" 2>&1 &
house_pids+=($!)
exec 8> "$HOUSE/pipe"
echo "SET search_path = senderctl; BEGIN; SELECT 'held' FROM watch WHERE domain_id = $d1 FOR UPDATE;" >&8
until_true 10 grep -q held "$HOUSE/held"
is "who is under way holds nobody up" "$(timeout 10 bash -c "$(declare -f claim); HOUSE=$HOUSE; claim 1 10 60" 2>&1)" \
	"d2.example d3.example d4.example d5.example d6.example"
echo "ROLLBACK;" >&8
exec 8>&-

# ---- edges
# put STATE [MORE]: a verdict of d1.example, as a look of this moment puts it; then the look ends
put() {
	look "INSERT INTO verdict (provider_id, domain_id, purpose, name, type, state, negative_ttl)
		VALUES ($p, $d1, 'spf', 'd1.example', 'TXT', '$1', 1)
		ON CONFLICT (provider_id, domain_id, purpose, name, type) DO UPDATE SET state = excluded.state" > /dev/null
	look "SELECT watch_finish($p, $d1)" > /dev/null
}
edges() { look "SELECT coalesce(string_agg(kind, ' ' ORDER BY id), '') FROM change WHERE domain_id = $d1"; }
look "UPDATE provider SET degrade_grace = '4 hours'"
put missing
is "what was never there is not lost" "$(edges)" ""
put match
is "all is met: verified" "$(edges)" verified
put match
is "once" "$(edges)" verified
for state in unknown propagating; do put $state; done
is "who could not tell changes nothing" "$(edges)" verified
is "and counts" "$(look "SELECT looks || ' ' || unsure_looks || ' ' || attempt FROM watch WHERE domain_id = $d1")" "5 2 2"
put missing
is "missed once is not lost" "$(edges)" verified
is "the second look is a negative TTL away" \
	"$(look "SELECT due_at <= now() + interval '1.1 seconds' FROM watch WHERE domain_id = $d1")" t
sleep 1.1
put unknown
is "an unknown look confirms nothing" "$(edges)" verified
put conflict
is "missed twice, a negative TTL apart, is lost" "$(edges)" "verified lost"
since=$(look "SELECT lost_since FROM verdict WHERE domain_id = $d1")
sleep 1.1
put missing
is "from conflict to missing is the same loss" "$(edges) $(look "SELECT lost_since FROM verdict WHERE domain_id = $d1")" \
	"verified lost $since"
is "in its grace it is not degraded, and is delivered" \
	"$(look "SELECT s.state || ' ' || coalesce(e.lacking, 'nothing lacks') FROM sender_state s
		JOIN export_domain e ON e.domain_id = s.domain_id WHERE s.domain_id = $d1")" "verified nothing lacks"
has "it says when that ends" "$(look "SELECT reasons FROM sender_state WHERE domain_id = $d1")" '"code": "grace"'
look "UPDATE provider SET degrade_grace = '0 s'"
is "then it is" "$(look "SELECT s.state || ' ' || e.lacking FROM sender_state s
	JOIN export_domain e ON e.domain_id = s.domain_id WHERE s.domain_id = $d1")" "degraded spf missing"
put missing
is "which is a change" "$(edges)" "verified lost degraded"
put missing
is "once" "$(edges)" "verified lost degraded"
put match
is "there again" "$(edges)" "verified lost degraded recovered"
is "every change stands in the history" \
	"$(look "SELECT count(*) FROM event WHERE what LIKE 'change.%' AND subject = 'd1.example'")" 4
look "BEGIN; INSERT INTO verdict (provider_id, domain_id, purpose, name, type, state) VALUES ($p, $d2, 'spf', 'x', 'TXT', 'match');
	SELECT watch_finish($p, $d2); ROLLBACK" > /dev/null
is "a look that was not kept changed nothing" "$(look "SELECT count(*) FROM change WHERE domain_id = $d2")" 0

# ---- looks that are stored late
d3=$(d 3)
look "UPDATE provider SET degrade_grace = '4 hours'"
# look_at STATE AGO: a verdict of d3.example, by a look that began so long ago and is stored now
look_at() {
	look "INSERT INTO verdict (provider_id, domain_id, purpose, name, type, state, negative_ttl, looked_at)
		VALUES ($p, $d3, 'spf', 'd3.example', 'TXT', '$1', 3600, now() - interval '$2')
		ON CONFLICT (provider_id, domain_id, purpose, name, type)
		DO UPDATE SET state = excluded.state, looked_at = excluded.looked_at" > /dev/null
	look "SELECT watch_finish($p, $d3)" > /dev/null
}
# The clock goes on: all that is known of it is so much older.
pass() {
	look "SET session_replication_role = replica; UPDATE verdict SET missed_since = missed_since - interval '$1',
		looked_at = looked_at - interval '$1', since = since - interval '$1' WHERE domain_id = $d3"
}
edges3() { look "SELECT coalesce(string_agg(kind, ' ' ORDER BY id), '') FROM change WHERE domain_id = $d3"; }
look_at match '0 s'
pass '3 hours'
look_at missing '0 s'
pass '2 hours'
look_at missing '90 minutes'
is "two looks that were made half an hour apart are none an hour apart, however late the second is stored" \
	"$(edges3) $(look "SELECT confirmed FROM verdict WHERE domain_id = $d3")" "verified f"
look_at missing '30 minutes'
is "one that began a negative TTL after the first was stored confirms it" "$(edges3)" "verified lost"
look_at match '1 hour'
is "a look that is older than what is known is no news" \
	"$(edges3) $(look "SELECT state FROM verdict WHERE domain_id = $d3")" "verified lost missing"
look_at match '1 minute'
is "a younger one is" "$(edges3)" "verified lost recovered"
look_at missing '0 s'
pass '2 hours'
look_at propagating '0 s'
look_at missing '0 s'
is "between two misses one server showed it: they are not two in a row" "$(edges3)" "verified lost recovered"

# ---- degraded is an edge, too
d4=$(d 4)
look "UPDATE provider SET degrade_grace = '1 hour'"
# two NAME STATE: one of two requirements of d4.example; without grace to be waited for
two() {
	look "INSERT INTO verdict (provider_id, domain_id, purpose, name, type, state, negative_ttl)
		VALUES ($p, $d4, 'spf', '$1', 'TXT', '$2', 0)
		ON CONFLICT (provider_id, domain_id, purpose, name, type) DO UPDATE SET state = excluded.state" > /dev/null
}
lost_ago() {
	look "SET session_replication_role = replica; UPDATE verdict SET settled = 'missing', lost_since = now() - interval '$2'
		WHERE domain_id = $d4 AND name = '$1'"
}
done4() { look "SELECT watch_finish($p, $d4)" > /dev/null; }
degraded4() { look "SELECT count(*) FROM change WHERE domain_id = $d4 AND kind = 'degraded'"; }
two a match; two b match; done4
two a missing; sleep 0.1; two a missing; lost_ago a '3 hours'
two b missing; sleep 0.1; two b missing; lost_ago b '2 hours'
done4
is "the grace of the first loss is over: degraded" "$(degraded4)" 1
two a match; done4; done4
is "the first is back, the second is not: degraded all the while, told once" "$(degraded4)" 1
two b match; done4
two a missing; sleep 0.1; two a missing; lost_ago a '1 minute'; done4
is "lost again, in its grace" "$(degraded4)" 1
look "SET session_replication_role = replica; UPDATE change SET at = at - interval '3 hours' WHERE domain_id = $d4"
lost_ago a '2 hours'; done4
is "and degraded again" "$(degraded4)" 2
look "UPDATE provider SET degrade_grace = '0 s'"

# ---- what is only recommended
d5=$(d 5)
look "UPDATE provider SET degrade_grace = '1 hour'"
# five PURPOSE REQUIRED STATE [TOLD]: a verdict of d5.example, and the end of the look
five() {
	look "INSERT INTO verdict (provider_id, domain_id, purpose, name, type, required, state, negative_ttl, told)
		VALUES ($p, $d5, '$1', 'x', 'TXT', $2, '$3', 0, ${4:-true})
		ON CONFLICT (provider_id, domain_id, purpose, name, type)
		DO UPDATE SET state = excluded.state, required = excluded.required, told = excluded.told,
			negative_ttl = excluded.negative_ttl" > /dev/null
	look "SELECT watch_finish($p, $d5)" > /dev/null
}
edges5() { look "SELECT coalesce(string_agg(kind || coalesce(' ' || purpose, ''), ', ' ORDER BY id), '') FROM change WHERE domain_id = $d5"; }
five spf true match
five dmarc false missing; five dmarc false missing
is "what was recommended and never there is not lost" "$(edges5)" verified
five dmarc false match
is "that it is there is no news" "$(edges5)" verified
look "UPDATE verdict SET state = 'missing', negative_ttl = 300 WHERE domain_id = $d5 AND purpose = 'dmarc'" > /dev/null
look "SELECT watch_finish($p, $d5)" > /dev/null
is "missed once: a second look a negative TTL later" "$(edges5) $(look "SELECT due_at BETWEEN now() + interval '290 s' AND now() + interval '301 s'
	FROM watch WHERE domain_id = $d5")" "verified t"
five dmarc false missing; five dmarc false conflict
is "missed twice: told, once" "$(edges5)" "verified, lost dmarc"
has "as what it is" "$(look "SELECT detail FROM change WHERE domain_id = $d5 AND kind = 'lost'")" '"recommended": true'
has "with the senders whom it concerns" "$(look "SELECT detail FROM change WHERE domain_id = $d5 AND kind = 'lost'")" \
	'"senders": ["info@d5.example"]'
look "SET session_replication_role = replica; UPDATE verdict SET lost_since = now() - interval '2 hours' WHERE domain_id = $d5 AND purpose = 'dmarc'"
five spf true match
is "no grace runs, and nobody is degraded" "$(edges5) $(look "SELECT s.state || coalesce(e.lacking, '') FROM sender_state s
	JOIN export_domain e ON e.domain_id = s.domain_id WHERE s.domain_id = $d5")" "verified, lost dmarc verified"
five dmarc false waived
is "done without on purpose is not there again" "$(edges5)" "verified, lost dmarc"
five dmarc false match; five dmarc false missing; sleep 0.1; five dmarc false missing
is "lost again is another loss" "$(edges5)" "verified, lost dmarc, lost dmarc"
five dmarc false match
is "there again" "$(edges5)" "verified, lost dmarc, lost dmarc, recovered dmarc"
five dkim false match false; five dkim false missing false; sleep 0.1; five dkim false conflict false
is "what follows the life of a key is no news" "$(edges5)" "verified, lost dmarc, lost dmarc, recovered dmarc"
five spf true missing; sleep 0.1; five spf true missing
look "SET session_replication_role = replica; UPDATE verdict SET lost_since = now() - interval '2 hours' WHERE domain_id = $d5 AND purpose = 'spf'"
five mailfrom false match; five mailfrom false missing; sleep 0.1; five mailfrom false missing; five mailfrom false match
five spf true missing
is "what is recommended comes and goes: degraded all the while, told once" "$(edges5)" \
	"verified, lost dmarc, lost dmarc, recovered dmarc, lost spf, degraded, lost mailfrom, recovered mailfrom"
look "UPDATE provider SET degrade_grace = '0 s'"

# report REPORTED-AGO: a report of d1.example that lies back so long
report() {
	look "INSERT INTO report (provider_id, client_id, domain_id, at)
		SELECT $p, client_id, id, now() - interval '$1' FROM domain WHERE id = $d1"
	look "SELECT due_at <= now() FROM watch WHERE domain_id = $d1"
}
is "a report is looked at at once" "$(report '1 minute')" t
put match
is "and answered, even when all was met before" "$(edges)" "verified lost degraded recovered verified"
put match
is "once" "$(edges)" "verified lost degraded recovered verified"
look "DELETE FROM verdict WHERE domain_id = $d1" > /dev/null
report '71 hours' > /dev/null
put missing
is "before 72 hours are over nobody complains" "$(look "SELECT count(*) FROM change WHERE kind = 'unmet'")" 0
report '73 hours' > /dev/null
put missing
is "after 72 hours what is missing is told" "$(look "SELECT count(*) FROM change WHERE kind = 'unmet'")" 1
has "with what it is" "$(look "SELECT detail FROM change WHERE kind = 'unmet'")" '"purpose": "spf"'
put missing
is "once" "$(look "SELECT count(*) FROM change WHERE kind = 'unmet'")" 1

# ends IN: the certificate ends after that time; the thresholds that were told
ends() {
	look "UPDATE verdict SET expires_at = now() + interval '$1' WHERE domain_id = $d1" > /dev/null
	look "SELECT watch_finish($p, $d1)" > /dev/null
	look "SELECT coalesce(string_agg(split_part(occasion, ' ', 2), ' ' ORDER BY id), '') FROM change WHERE kind = 'certificate'"
}
is "a certificate of 31 days is nothing" "$(ends '31 days')" ""
is "of 30 days is told" "$(ends '29 days 12 hours')" 30
is "once" "$(ends '29 days 12 hours')" 30
is "a new one is another one" "$(ends '13 days')" "30 14"
is "each threshold" "$(ends '6 days')" "30 14 7"
is "and the end" "$(ends '-1 hour')" "30 14 7 0"

has "what was told cannot be taken back" "$(look "DELETE FROM change" 2>&1)" "append-only"

# ---- observations
look "INSERT INTO observation (provider_id, domain_id, purpose, name, server, rcode, at)
	SELECT $p, $d1, 'spf', 'd1.example', 's', 'NOERROR', now() - interval '1 day' * n FROM unnest(ARRAY[10, 100, 200]) n"
look "UPDATE verdict SET observations = ARRAY(SELECT id FROM observation WHERE at < now() - interval '150 days') WHERE domain_id = $d1" > /dev/null
look "SELECT watch_finish($p, $d1)" > /dev/null
is "old observations go, but not those that a verdict rests on" \
	"$(look "SELECT string_agg(round(extract(epoch FROM now() - at) / 86400)::text, ' ' ORDER BY at) FROM observation")" "200 10"
finish
