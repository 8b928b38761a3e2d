#!/bin/bash
# Keys handed over ahead, and a key that somebody else may have: what breaks is said, confirmed twice, and done.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

# As if it had happened long ago: a superuser of the test steps around the guards.
past() { look "SET session_replication_role = replica; $1" > /dev/null; }
seen() { past "UPDATE dkim_key SET generated_at = b, publish_pending_at = b, seen_since = b, published_at = b, usable_at = b, probes = 3
	FROM (SELECT now() - interval '2 days') t (b) WHERE selector IN ($1)"; }
states() { senderctl key list "${1:-acme.example}" --json | python3 -c 'import json,sys
print(" ".join(k["selector"][-1] + "=" + k["state"] + "+" * k["standby"] for k in sorted(json.load(sys.stdin), key=lambda k: k["selector"])))'; }
name() { senderctl key list acme.example --json | python3 -c 'import json,sys; print(sorted(k["selector"] for k in json.load(sys.stdin))[int(sys.argv[1])])' "$1"; }
record() { senderctl record list acme.example --json | python3 -c 'import json,sys
print(" ".join(r["action"] + " " + r["value"] for r in json.load(sys.stdin) if r["purpose"] == "dkim" and r["name"].startswith(sys.argv[1] + ".")))' "$1"; }

house_up
senderctl provider add lms --title Vendor --hosting-domain learning.vendor.example \
	--default-sender noreply@learning.vendor.example --spf-host _spf.learning.vendor.example > /dev/null
senderctl client add lms/acme --title Acme > /dev/null
senderctl login add lms/acme app > /dev/null
senderctl sender add lms/acme info@acme.example --mode relayed > /dev/null

# ---------------------------------------------------------------- keys ahead

senderctl key generate acme.example > /dev/null
refused "keys ahead are for one domain" 2 "one domain" senderctl key generate lms/acme --ahead 3
refused "two dozen at most" 2 "24" senderctl key generate acme.example --ahead 25
run senderctl key generate acme.example --ahead 3 --json
is "three keys for the next three rotations" "$(field "$output" '.__len__()')" 3
run senderctl key generate acme.example --ahead 3
has "said again, nothing is to be done" "$output" "nothing was changed"
run senderctl handover issue lms/acme
has "all on one sheet" "$output" "keys on it to be published: 4"
is "four records" "$(senderctl handover show lms/acme | grep -c '^ *Name: .*\._domainkey\.')" 4
a=$(name 0) c=$(name 2) d=$(name 3)
seen "'$a'"
past "UPDATE dkim_key SET active_at = usable_at WHERE selector = '$a'"
is "one signs, three lie ahead" "$(states)" "a=active b=publish-pending+ c=publish-pending+ d=publish-pending+"
seen "'$c'"
run senderctl key rotate acme.example
has "rotate takes the one that DNS shows" "$output" "$c will relieve $a"
seen "'$c'"
senderctl key advance > /dev/null 2>&1
look "BEGIN; UPDATE dkim_key SET retiring_at = now() WHERE selector = '$a'; UPDATE dkim_key SET active_at = now() WHERE selector = '$c'; COMMIT" > /dev/null
is "it signs; two lie ahead" "$(states)" "a=retiring b=publish-pending+ c=active d=publish-pending+"
run senderctl key generate acme.example --ahead 3 --dry-run
has "one more would fill up what was used" "$output" "would get a key"

# ---------------------------------------------------------------- what would break

refused "a key is revoked for one reason alone" 2 "--compromised" senderctl key revoke acme.example "$c" --yes
refused "the last key that signs is not taken away by accident" 4 "stops signing" \
	senderctl key revoke acme.example "$c" --compromised --yes --confirm acme.example
run senderctl key revoke acme.example "$c" --compromised --stop-signing --dry-run
status_is "a dry run says what breaks" 0
has "mail under way" "$output" "has not arrived yet will fail DKIM"
has "mail to come" "$output" "DMARC relies on SPF alone"
has "that the record is the customer's" "$output" "only the customer can withdraw its record"
is "and breaks nothing" "$(states)" "a=retiring b=publish-pending+ c=active d=publish-pending+"
seen "'$d'"
run senderctl key revoke acme.example "$c" --compromised --dry-run --json
is "a key ahead that DNS shows takes over" "$(field "$output" '["successor"]')" "$d"
is "a program reads what breaks" "$(field "$output" '["consequences"].__len__()')" 3
look "INSERT INTO relay (provider_id, name, helo) SELECT provider_id, 'mx1', 'mx1.vendor.example' FROM provider" > /dev/null
run senderctl key revoke acme.example "$c" --compromised --stop-signing --dry-run --json
is "not when a relay does not hold it" "$(field "$output" '["successor"]')" None
has "then it is ordered to" "$output" "$d takes over as soon as it may"
look "UPDATE relay SET retired_at = now()" > /dev/null

# ---------------------------------------------------------------- done

run senderctl key revoke acme.example "$c" --compromised
ok "nothing is done without a yes" test "$status" = 4
has "which is said" "$complaint" "not confirmed"
run senderctl key revoke acme.example "$c" --compromised --yes
ok "nor without a second confirmation" test "$status" = 4
has "which says how" "$complaint" "--confirm acme.example"
run senderctl key revoke acme.example "$c" --compromised --yes --confirm acme.exampel
ok "nor with the wrong domain" test "$status" = 4
is "nothing happened" "$(states)" "a=retiring b=publish-pending+ c=active d=published+"
run senderctl key revoke acme.example "$c" --compromised --yes --confirm acme.example --json
status_is "confirmed twice it is done" 0
is "one moment: the old one revoked, the next one signs, though the last rotation is not over" \
	"$(states)" "a=retiring b=publish-pending+ c=revoked d=active"
is "really one moment" "$(look "SELECT count(DISTINCT m) FROM (SELECT coalesce(revoked_at, active_at) AS m FROM dkim_key
	WHERE selector IN ('$c', '$d')) x")" 1
is "the customer's sheet of today is there" "$(field "$output" '["sheet"]')" 2
has "it wants the record void" "$(senderctl handover show lms/acme)" "v=DKIM1; p="
is "so does the list of records" "$(record "$c")" "replace v=DKIM1; p="
has "the event log says it all" "$(senderctl history --json)" "the key before it was compromised"
senderctl key revoke acme.example "$d" --compromised --stop-signing --yes --confirm acme.example > /dev/null
is "without another that may sign, signing stops; the next is ordered" "$(states)" "a=retiring b=publish-pending c=revoked d=revoked"
refused "revoked is revoked" 4 "no step from there" senderctl key revoke acme.example "$d" --compromised --yes --confirm acme.example
has "and how to come to its sheet" "$complaint" "senderctl handover issue lms/acme"

# ---------------------------------------------------------------- in our own zone

senderctl client add lms/birke --title Birke > /dev/null
senderctl login add lms/birke birke-app > /dev/null
senderctl sender add lms/birke info@birke.example --mode relayed > /dev/null
senderctl domain set birke.example --dkim-publish cname > /dev/null
senderctl key generate birke.example > /dev/null
senderctl export zone lms --output "$HOUSE/zones" > /dev/null
seen "'lms-s1'"
past "UPDATE dkim_key SET active_at = usable_at WHERE selector = 'lms-s1'"
senderctl key rotate birke.example > /dev/null
senderctl key generate birke.example --ahead 1 > /dev/null
seen "'lms-s3'"
heir() { senderctl key revoke birke.example lms-s1 --compromised --stop-signing --dry-run --json | field "$(cat)" '["successor"]'; }
is "one ahead that DNS shows takes over, though another is on its way" "$(heir)" lms-s3
past "UPDATE dkim_key SET bits = 1024 WHERE selector = 'lms-s3'"
is "not when it is too short to sign" "$(heir)" None
past "UPDATE dkim_key SET bits = 2048 WHERE selector = 'lms-s3'"
run senderctl key revoke birke.example lms-s1 --compromised --yes --confirm birke.example
has "our zone withdraws it" "$output" "our zone withdraws its record"
is "the one ahead signs, and the other one is on its way still" "$(states birke.example)" "1=revoked 2=generated 3=active"
senderctl export zone lms --output "$HOUSE/zones" > /dev/null
has "at once" "$(cat "$HOUSE"/zones/_domainkey.learning.vendor.example.inc)" \
	'lms-s1.birke.example._domainkey.learning.vendor.example. 3600 IN TXT "v=DKIM1; p="'
finish
