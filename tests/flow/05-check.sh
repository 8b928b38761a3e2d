#!/bin/bash
# check: what is published, what is not, and what could not be told.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

# A world of DNS in a file; `world KEY=VALUE...` writes it and waits until it is served.
world() {
	world_is python3 - "$@" <<-'END'
	import json, sys
	at = dict(word.split('=', 1) for word in sys.argv[1:])
	acme = [['acme.example', 'TXT', at['spf']]] if at.get('spf') else []
	acme += [['acme.example', 'TXT', 'x' * 250 + str(i)] for i in range(int(at.get('ballast', 0)))]
	if at.get('dkim'):
	    acme.append([at.get('where', 's1._domainkey.acme.example'), 'TXT', [at['dkim'][:200], at['dkim'][200:]]])
	if at.get('submission'):
	    acme.append(['submission.acme.example', 'A', '127.0.0.1'])
	vendor = [['_spf.learning.vendor.example', 'TXT', 'v=spf1 ip4:192.0.2.25 -all']]
	modes = dict(word.split(':') for word in at.get('modes', '').split(',') if word)
	zones = [{'apex': '', 'servers': ['127.0.0.9'], 'names': ['root']},
	         {'apex': 'acme.example', 'servers': ['127.0.0.2', '127.0.0.3'], 'records': acme},
	         {'apex': 'learning.vendor.example', 'servers': ['127.0.0.4'], 'records': vendor}]
	json.dump({'zones': zones, 'modes': modes}, sys.stdout)
	END
}
# The state of a purpose in the last JSON answer.
state_of() {
	python3 -c 'import json,sys
print(" ".join(r["state"] for d in json.loads(sys.argv[1])["domains"] for r in d["requirements"] if r["purpose"] == sys.argv[2]))' \
		"$output" "$1"
}

house_up
run senderctl import "$top_srcdir/tests/lib/acme.json"
status_is "a vendor with one client is imported" 0

world spf=
names_up
echo "dns { resolvers = {\"127.0.0.1:$port\"} authoritative_port = $port timeout = 1.0 }" > "$SENDERCTL_CONFIG"

refused "check wants to know what" 2 "--all" senderctl check
run senderctl check acme.example --json
status_is "nothing is published: exit status 1" 1
is "the whole is missing" "$(field "$output" '["domains"][0]["verdict"]')" missing
is "SPF is missing" "$(state_of spf)" missing
is "so is a key" "$(state_of dkim)" missing
run senderctl check acme.example
has "people are told what to do about it" "$output" "senderctl key generate"

# A key, as the key service would add it, on a sheet.
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$HOUSE/key.pem" 2> /dev/null ||
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$HOUSE/key.pem" 2> /dev/null
openssl pkey -in "$HOUSE/key.pem" -pubout -outform DER -out "$HOUSE/key.der"
public=$(base64 -w 0 "$HOUSE/key.der")
look "INSERT INTO dkim_key (provider_id, uuid, domain_id, client_uuid, selector, algorithm, bits, public_key, publish)
	SELECT d.provider_id, gen_random_uuid(), d.id, c.uuid, 's1', 'rsa-sha256', 2048, decode('$public', 'base64'), 'txt'
	  FROM domain d JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id"
look "UPDATE provider SET publish_margin = '1 second'"
look "UPDATE dkim_key SET publish_pending_at = clock_timestamp()"

spf='v=spf1 include:_spf.learning.vendor.example -all'
dkim="v=DKIM1; k=rsa; p=$public"

run senderctl --dry-run check lms/acme
is "a dry run stores nothing" "$(look "SELECT count(*) FROM verdict WHERE name LIKE 's1.%'")" 0

world spf="$spf" dkim="$dkim"
run senderctl check lms/acme --json
status_is "everything is published: exit status 0" 0
is "the whole is ok" "$(field "$output" '["domains"][0]["verdict"]')" ok
is "SPF matches" "$(state_of spf)" match
is "a key of 2048 bits in two strings matches" "$(state_of dkim)" match
is "every server's answer is kept" "$(look "SELECT cardinality(observations) FROM verdict WHERE purpose = 'dkim'")" 3
is "the key is published now" "$(look "SELECT dkim_key_state(k) FROM dkim_key k")" published
is "it is not usable before the wait is over" \
	"$(look "SELECT usable_at >= seen_since + interval '2 seconds' FROM dkim_key")" t
seen=$(look "SELECT seen_since FROM dkim_key")

world spf="$spf" dkim="$dkim" ballast=8
run senderctl check acme.example --json
is "an answer too long for UDP comes by TCP" "$(state_of spf)" match
is "a second look is a second probe" "$(look "SELECT probes FROM dkim_key")" 2
is "and does not move the moment" "$(look "SELECT seen_since FROM dkim_key")" "$seen"

world spf="$spf" dkim="$dkim" modes=127.0.0.3:silent
run senderctl check acme.example --json
status_is "a silent server: could not tell" 3
is "the key is unknown" "$(state_of dkim)" unknown
is "what was settled stays" "$(look "SELECT settled FROM verdict WHERE purpose = 'dkim'")" match
is "nor does the wait begin anew" "$(look "SELECT seen_since FROM dkim_key")" "$seen"

for mode in failing refusing; do
	world spf="$spf" dkim="$dkim" modes=127.0.0.2:$mode,127.0.0.3:$mode
	run senderctl check acme.example --json
	status_is "servers that are $mode: could not tell" 3
done
is "the answer's code is kept" "$(field "$output" '["domains"][0]["requirements"][0]["observations"][0]["rcode"]')" REFUSED
run senderctl --resolver 127.0.0.1:1 check acme.example --json
status_is "no resolver: could not tell" 3
is "and still nothing has changed" "$(look "SELECT DISTINCT settled FROM verdict WHERE required")" match

world dkim="$dkim" where=s1._domainkey.acme.example.acme.example
run senderctl check acme.example --json
status_is "both records are gone: exit status 1" 1
is "SPF is missing" "$(state_of spf)" missing
is "the key's record was moved" "$(state_of dkim)" misplaced
is "one look does not settle it" "$(look "SELECT DISTINCT settled FROM verdict WHERE required")" match
run senderctl status --json
[ "$status" = 2 ] || status_is "status says so, too" 1
sleep 1.1
run senderctl check acme.example
has "people see where it stands" "$output" "the record stands at: s1._domainkey.acme.example.acme.example"
is "two looks, a negative TTL apart, do" \
	"$(look "SELECT string_agg(settled, ' ' ORDER BY purpose) FROM verdict WHERE required")" "misplaced missing"
is "the change is in the history" "$(look "SELECT count(*) > 1 FROM event WHERE what = 'verdict.change'")" t
is "the key's wait will begin anew" "$(look "SELECT seen_since IS NULL AND probes = 0 FROM dkim_key")" t
finish
