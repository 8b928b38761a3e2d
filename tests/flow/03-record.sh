#!/bin/bash
# Records and plans: what is to be published, with and without asking DNS.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

# world SPF...: what acme.example publishes at its apex; waits until it is served.
world() {
	world_is python3 - "$@" <<-'END'
	import json, sys
	acme = [['acme.example', 'TXT', text] for text in sys.argv[1:]]
	acme.append(['_dmarc.acme.example', 'TXT', 'v=DMARC1; p=quarantine'])
	vendor = [['_spf.learning.vendor.example', 'TXT', 'v=spf1 ip4:192.0.2.25 ip6:2001:db8:25::1 -all']]
	zones = [{'apex': '', 'servers': ['127.0.0.9'], 'names': ['root']},
	         {'apex': 'acme.example', 'servers': ['127.0.0.2'], 'records': acme},
	         {'apex': 'learning.vendor.example', 'servers': ['127.0.0.4'], 'records': vendor}]
	json.dump({'zones': zones, 'modes': {}}, sys.stdout)
	END
}
# the KEY of the requirement of a purpose in the last JSON answer
of() { field "$output" "and [r['$2'] for r in json.loads(sys.argv[1]) if r['purpose'] == '$1'][0]"; }

house_up
run senderctl import "$top_srcdir/doc/examples/vendor.json"
status_is "the example vendor is imported" 0

refused "a record list is somebody's" 2 "name a client" senderctl record list
refused "of somebody who exists" 4 "no client \"lms/nobody\"" senderctl record list lms/nobody
refused "or a domain that does" 4 "no sender domain" senderctl record list nobody.example
refused "a name is a name" 2 "underscore" senderctl record list a_b.example
refused "a provider that exists" 4 "no provider" senderctl record list --provider nobody

run senderctl record list acme.example --json
status_is "without a signing key something is missing" 1
is "SPF is shown as an addition" "$(of spf action) $(of spf addition)" \
	"add include:_spf.learning.vendor.example"
run senderctl key generate --all
status_is "keys are made" 0

run senderctl record list acme.example --json
status_is "now all is there" 0
is "the customer owes SPF" "$(of spf owner)" customer
is "a whole record for a name that has none" "$(of spf value)" \
	"v=spf1 include:_spf.learning.vendor.example ~all"
like "and the key" "$(of dkim name) $(of dkim value)" \
	'^s[0-9]{6}[a-z]\._domainkey\.acme\.example v=DKIM1; k=rsa; p=[A-Za-z0-9+/=]{392}$'
is "in strings of at most 255 octets" \
	"$(field "$output" "and max(len(s) for r in json.loads(sys.argv[1]) for s in r['strings'])")" 255
is "which together are the value" \
	"$(field "$output" "and all(''.join(r['strings']) == r['value'] for r in json.loads(sys.argv[1]) if r['type'] == 'TXT')")" True
is "DMARC is recommended, and harmless" "$(of dmarc required) $(of dmarc value)" "False v=DMARC1; p=none"

run senderctl record list acme.example
has "people read the same" "$output" "v=spf1 include:_spf.learning.vendor.example ~all"
run senderctl record list lms/acme --format zone
has "a zone file has the final dot and quotes" "$output" \
	'acme.example. 3600 IN TXT "v=spf1 include:_spf.learning.vendor.example ~all"'
run senderctl record list lms/acme --format csv
like "CSV has its names in the first line" "$output" '^domain,name,type,ttl,value'
run senderctl record list --provider lms --format zone
has "the provider's own include" "$output" \
	'_spf.learning.vendor.example. 3600 IN TXT "v=spf1 ip4:192.0.2.25 ip6:2001:db8:25::1 -all"'
has "the relay's name" "$output" 'mx1.learning.vendor.example. 3600 IN TXT "v=spf1 a -all"'
has "the hosted client's records" "$output" 'birke.learning.vendor.example. 3600 IN TXT'
has_not "and nobody else's" "$output" 'acme.example. 3600 IN TXT'

look "UPDATE domain SET dkim_publish = 'cname' WHERE name = 'acme.example'"
look "UPDATE provider SET dkim_publish = 'cname'"
run senderctl plan show acme.example
has "a plan says who owes what" "$output" "customer"
has "and what receivers will say" "$output" "DMARC passes"
refused "a plan is of a domain" 2 "a domain is wanted" senderctl plan show lms/acme

# With DNS: merged into what is published today.
world 'google-site-verification=x' 'v=spf1 mx ?all'
names_up
echo "dns { resolvers = {\"127.0.0.1:$port\"} authoritative_port = $port timeout = 1.0 }" > "$SENDERCTL_CONFIG"

run senderctl record list acme.example --json --dns
is "SPF is merged, and nothing else changes" "$(of spf action) $(of spf value)" \
	"replace v=spf1 mx include:_spf.learning.vendor.example ?all"
is "what stands there is shown" "$(of spf present)" "v=spf1 mx ?all"
is "a DMARC record stays as it is" "$(of dmarc action) $(of dmarc value)" "keep v=DMARC1; p=quarantine"
run senderctl --resolver "127.0.0.1:$port" record list acme.example
has "--resolver asks DNS too" "$output" "today: v=spf1 mx ?all"

world 'v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all'
run senderctl record list acme.example --json --dns
is "who passes already, by evaluation, changes nothing" "$(of spf action)" keep
world 'v=spf1 mx -all' 'v=spf1 a ~all'
run senderctl record list acme.example --json --dns
is "several records become one" "$(of spf value)" \
	"v=spf1 mx a include:_spf.learning.vendor.example ~all"
is "and the other goes" \
	"$(field "$output" "and [r['value'] for r in json.loads(sys.argv[1]) if r['action'] == 'delete']")" "['v=spf1 a ~all']"
world 'v=spf1 ip4:192.0.2.300 -all'
run senderctl record list acme.example --json --dns
status_is "a broken record is not merged over: exit status 1" 1
like "but explained" "$(of spf note)" 'broken.*column 20'
# The planner tries what it merges: a record that would do something else is refused.
world 'v=spf1 ip4:198.51.100.0/24 exists:%{i}.allow.acme.example -all'
run senderctl record list acme.example --json --dns
is "what was tried and is good is shown" "$(of spf value)" \
	"v=spf1 ip4:198.51.100.0/24 exists:%{i}.allow.acme.example include:_spf.learning.vendor.example -all"
run senderctl --resolver 127.0.0.1:1 record list acme.example
status_is "no DNS: something is missing" 1
has "and that is said" "$output" "DNS did not say"

# spf merge needs no database.
senderctl down > /dev/null
merge() { run senderctl spf merge --add include:_spf.learning.vendor.example --relay 192.0.2.25 "$@"; }
merge --record 'v=spf1 ?include:_spf.learning.vendor.example -all' --json
is "a merge changes the qualifier" "$(field "$output" '["record"]')" \
	"v=spf1 include:_spf.learning.vendor.example -all"
is "and says so" "$(field "$output" '["outcome"]')" merged
world 'v=spf1 mx -all'
merge --domain acme.example --json
is "a domain is asked" "$(field "$output" '["record"]')" "v=spf1 mx include:_spf.learning.vendor.example -all"
is "with its includes priced" "$(field "$output" '["lookups"]["worst"]')" 2
world 'v=spf1 ip4:192.0.2.25 -all'
merge --domain acme.example --json
is "who passes is unchanged" "$(field "$output" '["outcome"]')" unchanged
merge --record 'v=spf1 -all' --json
status_is "a domain that never sends is refused" 4
is "with a reason, and without a record" "$(field "$output" '["record"]')" None
refused "a wish that authorises nobody" 2 "does not authorise" \
	senderctl spf merge --record 'v=spf1 -all' --add -all --relay 192.0.2.25
refused "an address that is none" 2 "no IP address" \
	senderctl spf merge --record 'v=spf1 -all' --add a --relay 192.0.2.300
finish
