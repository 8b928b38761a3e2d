#!/bin/bash
# Three ways to publish: TXT by the customer, CNAME into our zone, a name delegated by NS; our zones are written.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"
/usr/bin/python3 -c 'import dns.zone' 2> /dev/null || skip_all "no python3-dnspython to read zone files with"

zones=$HOUSE/zones
hosting=_domainkey.learning.vendor.example
states() { senderctl key list "$1" --json | python3 -c 'import json,sys
print(" ".join(k["selector"] + "=" + k["state"] for k in json.load(sys.stdin)))'; }
# work DOMAIN: what its customer has to do about keys
work() { senderctl record list "$1" --json | python3 -c 'import json,sys
print(" ".join(r["action"] + " " + r["name"].split(".")[0] + " " + r["type"] for r in json.load(sys.stdin)
	if r["purpose"] == "dkim" and r["owner"] == "customer" and r["action"] != "keep"))'; }
busy="SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
serial() { awk '/ SOA / { print $7 }' "$zones/$1.zone"; }

# The world: the customers did what their records say, and our servers read our files.
world() {
	for domain in acme birke carl; do senderctl record list $domain.example --json; done > "$HOUSE/records.json"
	world_is /usr/bin/python3 - "$HOUSE/records.json" "$zones" <<-'END'
	import dns.zone, glob, json, os, sys
	records, folder = sys.argv[1:]
	decoder, text, rows = json.JSONDecoder(), open(records).read(), []
	while text.strip():
	    more, at = decoder.raw_decode(text.lstrip())
	    rows += more
	    text = text.lstrip()[at:]
	servers = ['127.0.0.4', '127.0.0.5']
	zones = [{'apex': '', 'servers': ['127.0.0.9'], 'names': ['root']},
	         {'apex': 'vendor.example', 'servers': ['127.0.0.8'], 'names': ['ns.vendor.example'],
	          'records': [['ns%d.vendor.example' % (i + 1), 'A', a] for i, a in enumerate(servers)]
	              + [['_domainkey.learning.vendor.example', 'NS', 'ns%d.vendor.example' % i] for i in (1, 2)]}]
	for domain in ('acme.example', 'birke.example', 'carl.example'):
	    own = [[r['name'], r['type'], r['strings'] if r['type'] == 'TXT' else r['value']] for r in rows
	           if r['domain'] == domain and r['purpose'] == 'dkim' and r['owner'] == 'customer' and r['action'] != 'delete']
	    pointers = [r for r in own if r[1] == 'NS']
	    own = [r for r in own if r not in pointers[:int(os.environ.get('FORGOTTEN', 0))]]
	    zones.append({'apex': domain, 'servers': ['127.0.0.2', '127.0.0.3'], 'records': own})
	for path in glob.glob(folder + '/*.zone'):
	    apex = os.path.basename(path)[:-len('.zone')]
	    zone = dns.zone.from_file(path, origin=apex, relativize=False)
	    mine = [[str(name).rstrip('.'), 'TXT', [s.decode() for s in item.strings]]
	            for name, _, item in zone.iterate_rdatas('TXT')]
	    names = ['ns1.vendor.example', 'ns2.vendor.example']
	    if os.environ.get('FORGOTTEN') == '1' and 'birke' in apex:
	        names = names[1:]
	    zones.append({'apex': apex, 'servers': servers[-len(names):], 'names': names, 'records': mine})
	json.dump({'zones': zones}, sys.stdout)
	END
}
# Our part of a rotation: the zone is written, read, seen, and the step is taken.
turn() { # turn DOMAIN
	senderctl export zone lms --output "$zones" > /dev/null
	world
	senderctl check "$1" > /dev/null
	sleep 2.1
	senderctl check "$1" > /dev/null
	senderctl key advance "$1" > /dev/null
}

house_up
senderctl provider add lms --title Vendor --hosting-domain learning.vendor.example \
	--default-sender noreply@learning.vendor.example --spf-host _spf.learning.vendor.example \
	--dkim-publish cname --publish-margin '1 s' --publish-probes 2 --linger '1 s' > /dev/null
for name in acme birke carl; do
	senderctl client add lms/$name --title $name > /dev/null
	senderctl login add lms/$name app-$name > /dev/null
	senderctl sender add lms/$name info@$name.example --mode relayed > /dev/null
done
senderctl sender waive acme.example spf --reason "not the matter of this test" > /dev/null 2>&1
senderctl domain set birke.example --dkim-publish ns > /dev/null
senderctl domain set carl.example --dkim-publish txt > /dev/null

refused "a name is delegated to name servers that are known" 2 "name servers must be known" senderctl record list birke.example
refused "which are host names" 2 "name_servers" senderctl provider set lms --name-servers "ns1.vendor.example, -"
refused "of which there is one at least" 2 "name_servers: no name server is named" senderctl provider set lms --name-servers ", ,"
run senderctl provider set lms --name-servers "ns1.vendor.example, ns2.vendor.example"
status_is "they are named" 0

# ---------------------------------------------------------------- CNAME: three names for good

run senderctl export zone lms
status_is "without keys there is a zone for the delegated name alone" 0
has_not "and none for pointers" "$output" "$hosting. 3600 IN SOA"
senderctl key generate --all > /dev/null
is "the first key stands in the first slot" "$(states acme.example)" "lms-s1=generated"
is "the customer sets three names, once" "$(work acme.example)" "add lms-s1 CNAME add lms-s2 CNAME add lms-s3 CNAME"
run senderctl record list acme.example
has "and is told why" "$output" "the place of a later key"
run senderctl handover issue lms/acme
status_is "they are on the sheet" 0
run senderctl handover show lms/acme
has "the third, too" "$output" "lms-s3.acme.example.$hosting"

senderctl provider set lms --escrow-policy required > /dev/null   # of keys whose records customers publish: nothing is split here
run senderctl export zone lms --dry-run --output "$zones"
ok "a dry run writes nothing" test ! -e "$zones"
has "and shows the zone" "$output" "lms-s1.acme.example.$hosting. 3600 IN TXT"
refused "a reload wants a folder" 2 "--output" senderctl export zone lms --reload-command true
refused "a name server that does not reload is told" 4 "was not reloaded" \
	senderctl export zone lms --output "$zones" --reload-command "echo no zone >&2; exit 1"
run senderctl export zone lms --output "$zones" --reload-command "touch $HOUSE/reloaded" --json
status_is "our zones are written" 0
is "all in the folder" "$(cd "$zones" && echo *)" \
	"$hosting.zone lms._domainkey.birke.example.zone zones.bind zones.nsd"
ok "and the name server reads them" test -e "$HOUSE/reloaded"
has "the same records as the list has" "$(cat "$zones/$hosting.zone")" \
	"$(senderctl record list --provider lms --format zone | grep '^lms-s1.acme')"
has "nsd is told where" "$(cat "$zones/zones.nsd")" "zonefile: \"$zones/$hosting.zone\""
if [ -x /usr/sbin/nsd-checkzone ]; then
	for file in "$zones"/*.zone; do
		name=${file##*/}
		ok "nsd-checkzone agrees: ${name%.zone}" /usr/sbin/nsd-checkzone "${name%.zone}" "$file"
	done
else
	skip "nsd-checkzone agrees" "no nsd"
fi
first_serial=$(serial "$hosting")
cp -p "$zones/$hosting.zone" "$HOUSE/before"
rm "$HOUSE/reloaded"
run senderctl export zone lms --output "$zones" --reload-command "touch $HOUSE/reloaded" --json
is "nothing changed: nothing is written" "$(field "$output" '["changed"]')" 0
ok "not even touched" test ! "$zones/$hosting.zone" -nt "$HOUSE/before" -a ! -e "$HOUSE/reloaded"
is "the same serial" "$(serial "$hosting")" "$first_serial"
echo "# by hand" >> "$zones/zones.nsd"
refused "only the list of zones changed, and the reload fails" 4 "was not reloaded" \
	senderctl export zone lms --output "$zones" --reload-command "echo down >&2; exit 1"
has "what to do is said" "$complaint" "the same command reloads it"
senderctl export zone lms --output "$zones" > /dev/null
ok "a run that was told of no reload leaves it due" test -e "$zones/reload.due"
run senderctl export zone lms --output "$zones" --reload-command "touch $HOUSE/reloaded" --json
is "the next one has nothing to write" "$(field "$output" '["changed"]')" 0
ok "and reloads all the same" test -e "$HOUSE/reloaded"
rm -f "$HOUSE/reloaded"
senderctl export zone lms --output "$zones" --reload-command "touch $HOUSE/reloaded" > /dev/null
ok "once" test ! -e "$HOUSE/reloaded" -a ! -e "$zones/reload.due"
echo "# by hand" >> "$zones/zones.nsd"
senderctl export zone lms --output "$zones" > /dev/null --reload-command \
	"psql -XAtq -h $SENDERCTL_STATE/run/db -U senderctl_admin senderctl -o $HOUSE/busy -c \"$busy\""
is "no transaction waits for the name server" "$(cat "$HOUSE/busy")" 0
is "a key that stands in our zone is on its way, escrow or not" "$(states acme.example)" "lms-s1=publish-pending"

world
names_up
echo "dns { resolvers = {\"127.0.0.1:$port\"} authoritative_port = $port timeout = 1.0 }" > "$SENDERCTL_CONFIG"
turn acme.example
is "seen behind its pointer, it signs" "$(states acme.example)" "lms-s1=active"
is "the customer has done all there is to do" "$(work acme.example)" ""
is "each pointer was seen, those of later keys as well" \
	"$(look "SELECT count(*) FROM verdict v JOIN domain d ON d.id = v.domain_id WHERE d.name = 'acme.example' AND v.type = 'CNAME' AND v.settled = 'match'")" 3

# ---------------------------------------------------------------- a rotation that needs nobody

senderctl key rotate acme.example > /dev/null
is "the next key takes the next slot" "$(states acme.example)" "lms-s1=active lms-s2=generated"
is "nobody is asked for anything" "$(work acme.example)" ""
turn acme.example
is "written, seen, active" "$(states acme.example)" "lms-s1=retiring lms-s2=active"
ok "the serial grew" test "$(serial "$hosting")" -gt "$first_serial"
senderctl key advance > /dev/null
sleep 1.1
senderctl key advance > /dev/null
senderctl export zone lms --output "$zones" > /dev/null
has "a slot of a retired key says that it is void" "$(cat "$zones/$hosting.zone")" \
	"lms-s1.acme.example.$hosting. 3600 IN TXT \"v=DKIM1; p=\""
is "no pointer goes" "$(work acme.example)" ""
senderctl key rotate acme.example > /dev/null
turn acme.example
is "the third slot" "$(states acme.example)" "lms-s1=retired lms-s2=retiring lms-s3=active"
look "UPDATE provider SET publish_margin = '1 hour'" > /dev/null
run senderctl key rotate acme.example
status_is "no slot is used before its last key is forgotten" 4
has "which is said" "$complaint" "not forgotten"
look "UPDATE provider SET publish_margin = '1 second'" > /dev/null
run senderctl key rotate acme.example
has "then the first one comes again" "$output" "lms-s1 will relieve lms-s3"
has_not "with its new key alone in the zone" "$(senderctl export zone lms | grep '^lms-s1.acme')" 'p="'
is "two keys never live in one slot" "$(look "SELECT count(*) FROM (
	SELECT selector FROM dkim_key WHERE slot IS NOT NULL AND retired_at IS NULL GROUP BY domain_id, selector HAVING count(*) > 1) x")" 0

# ---------------------------------------------------------------- NS: a name that is ours

selector=$(senderctl key list birke.example --json | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["selector"])')
like "a key below a delegated name has the provider's label" "$selector" '^s[0-9]{6}a\.lms$'
is "the customer delegates one name" "$(work birke.example)" "add lms NS add lms NS"
has "to our name servers" "$(senderctl record list birke.example)" "ns2.vendor.example"
has "the key is in its own zone" "$(cat "$zones/lms._domainkey.birke.example.zone")" "$selector._domainkey.birke.example. 3600 IN TXT"
FORGOTTEN=2 world
has "a delegation that is not there" "$(senderctl check birke.example)" "this name is not delegated to our name servers"
FORGOTTEN=1 world
has "half a delegation" "$(senderctl check birke.example)" "this name is delegated, but not to all of our servers"
turn birke.example
is "seen below the delegation, it signs" "$(states birke.example)" "$selector=active"
is "and the delegation was seen" "$(work birke.example)" ""
senderctl key rotate birke.example > /dev/null
turn birke.example
like "its next rotation needs nobody" "$(states birke.example)" "^$selector=retiring s[0-9]{6}b\\.lms=active$"

# ---------------------------------------------------------------- from TXT to CNAME

refused "a key that a customer publishes waits for escrow" 4 "escrow of this key is not complete" senderctl handover issue lms/carl
senderctl provider set lms --escrow-policy optional > /dev/null
old=$(senderctl key list carl.example --json | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["selector"])')
senderctl handover issue lms/carl > /dev/null
turn carl.example
is "a customer who publishes TXT" "$(states carl.example)" "$old=active"
run senderctl domain set carl.example --dkim-publish cname
status_is "is to publish by CNAME" 0
is "three names are added; the old record stays" "$(work carl.example)" "add lms-s1 CNAME add lms-s2 CNAME add lms-s3 CNAME"
run senderctl handover issue lms/carl
has "with a sheet of its own" "$output" "issued sheet no. 2"
has "on which the old record stays" "$(senderctl handover show lms/carl)" "$old._domainkey"
senderctl key rotate carl.example > /dev/null
is "the old key signs until the new one is seen" "$(states carl.example)" "$old=active lms-s1=generated"
turn carl.example
is "one goes, one comes" "$(states carl.example)" "$old=retiring lms-s1=active"
senderctl key advance > /dev/null
sleep 1.1
senderctl key advance > /dev/null
is "only then the old record may go" "$(work carl.example)" "delete $old TXT"
finish
