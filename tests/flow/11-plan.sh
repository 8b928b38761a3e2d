#!/bin/bash
# Plans: the ways to send for a domain, ranked, with what receivers will say of each.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

# world NAME=TEXT... silent:NAME...: what stands in acme.example; waits until it is served.
world() {
	world_is python3 - "$@" <<-'END'
	import json, sys
	acme = [[word.split(':', 1)[1], 'TIMEOUT'] if word.startswith('silent:')
	        else [word.split('=', 1)[0], 'TXT', word.split('=', 1)[1]] for word in sys.argv[1:]]
	acme += [['acme.example', 'A', '198.51.100.80']]
	vendor = [['_spf.learning.vendor.example', 'TXT', 'v=spf1 ip4:192.0.2.25 ip6:2001:db8:25::1 -all']]
	zones = [{'apex': '', 'servers': ['127.0.0.9'], 'names': ['root']},
	         {'apex': 'acme.example', 'servers': ['127.0.0.2'], 'records': acme},
	         {'apex': 'learning.vendor.example', 'servers': ['127.0.0.4'], 'records': vendor}]
	json.dump({'zones': zones, 'modes': {}}, sys.stdout)
	END
}
# of WAY PATH: a value of one way in the last JSON answer
of() { field "$output" "and [w for w in json.loads(sys.argv[1])['ways'] if w['way'] == '$1'][0]$2"; }
order() { field "$output" "and ' '.join(w['way'] for w in json.loads(sys.argv[1])['ways'])"; }
plan() { run senderctl plan show acme.example --dns "$@"; }

house_up
run senderctl import "$top_srcdir/doc/examples/vendor.json"
status_is "the example vendor is imported" 0
run senderctl plan show acme.example --json
status_is "without DNS there are plans, too" 0
is "all ways, the best one first" "$(order)" "mailfrom-dkim spf-dkim dkim spf direct hosted"
is "what is published is not known then" "$(of spf-dkim '["predicted"]["rfc9989"]["receiver"]')" \
	"DMARC passes: the mail counts as genuine"
is "nor is what an include costs" "$(of spf-dkim '["lookups"]["counted"]')" False
refused "a plan is of a domain" 2 "a domain is wanted" senderctl plan show lms/acme
refused "a way is one of them" 2 "not a way" senderctl plan show acme.example --way pigeon

world 'acme.example=v=spf1 a ip4:198.51.100.0/24 -all' '_dmarc.acme.example=v=DMARC1; p=quarantine; pct=50'
names_up
echo "dns { resolvers = {\"127.0.0.1:$port\"} authoritative_port = $port timeout = 1.0 }" > "$SENDERCTL_CONFIG"

plan --json
status_is "with DNS" 0
is "the registered one is marked" \
	"$(field "$output" "and [w['way'] for w in json.loads(sys.argv[1])['ways'] if w['registered']]")" "['spf-dkim']"
is "its record is merged" \
	"$(of spf-dkim "['records'][0]['value']")" "v=spf1 a ip4:198.51.100.0/24 include:_spf.learning.vendor.example -all"
is "and priced" "$(of spf-dkim '["lookups"]')" "{'worst': 2, 'limit': 10, 'counted': True}"
is "the merged record was evaluated, not believed" "$(of spf-dkim '["predicted"]["lookups"]')" 2
is "it passes and aligns by both standards" "$(of spf-dkim '["predicted"]["spf"]["result"]') $(of spf-dkim '["predicted"]["spf"]["aligned"]')" \
	"pass {'rfc9989': True, 'rfc7489': True}"
is "DKIM alone: SPF stays as it is, and fails" "$(of dkim '["predicted"]["spf"]["result"]') $(of dkim '["predicted"]["dmarc"]')" "fail pass"
has "which receivers may take amiss" "$(of dkim '["predicted"]["warning"]')" "before they look at DKIM"
has "SPF alone under quarantine is warned of" "$(of spf '["predicted"]["warning"]')" p=quarantine
is "the subdomain leaves the domain's own record alone" \
	"$(of mailfrom-dkim "and ' '.join(r['name'] for r in [w for w in json.loads(sys.argv[1])['ways'] if w['way'] == 'mailfrom-dkim'][0]['records'] if r['type'] in ('TXT', 'MX') and r['purpose'] == 'mailfrom')")" \
	"bounce.acme.example bounce.acme.example"
has "how to choose it is said" "$(of mailfrom-dkim '["commands"][0]')" "--envelope-domain bounce.acme.example"
is "hosted is the fallback" "$(of hosted '["records"][0]["name"]')" acme.learning.vendor.example
is "where nobody of theirs does anything" "$(of hosted "and {r['owner'] for w in json.loads(sys.argv[1])['ways'] if w['way'] == 'hosted' for r in w['records']}")" "{'provider'}"

plan
has "people read who sends" "$output" "our relay sends, under the customer's domain"
has "what receivers do" "$output" "DMARC passes: the mail counts as genuine"
has "and every way, in its place" "$output" "1 MAIL FROM on a subdomain, with DKIM: both checks align"
plan --way spf
has "one way in full" "$output" "only SPF will pass and align"
plan --lang de
has "in German, too" "$output" "DMARC besteht: die Mail gilt als echt"
has_not "and only what is meant for people" "$output" "Content-Type"

# D6: SPF alone under p=reject.
senderctl domain set acme.example --dkim no > /dev/null
world 'acme.example=v=spf1 mx -all' '_dmarc.acme.example=v=DMARC1; p=reject'
plan --json
status_is "SPF alone under p=reject is refused" 4
is "it is called so" "$(of spf '["predicted"]["refused"]')" True
has "with the reason" "$(of spf '["refused"]')" "publishes p=reject"
is "and comes last" "$(order)" "mailfrom-dkim spf-dkim dkim direct hosted spf"
refused "nor is it handed over" 4 "publishes p=reject" senderctl handover issue lms/acme --dns
world 'acme.example=v=spf1 mx -all' '_dmarc.acme.example=v=DMARC1; p=reject; t=y'
plan --json
status_is "a test mode that only the new standard knows does not help" 4
has "the difference is said" "$(of spf '["predicted"]["difference"]')" "RFC 9989 the policy is quarantine, by RFC 7489 it is reject"
world 'acme.example=v=spf1 mx -all' '_dmarc.acme.example=v=DMARC1; p=none'
plan --json
status_is "under p=none it goes" 0
senderctl domain set acme.example --dkim yes > /dev/null

# Over ten look-ups, broken, two records, none, silence.
world 'acme.example=v=spf1 a mx a:1.acme.example a:2.acme.example a:3.acme.example a:4.acme.example a:5.acme.example a:6.acme.example a:7.acme.example a:8.acme.example -all'
plan --json
status_is "over ten look-ups SPF at the domain is refused" 4
is "the others are not" "$(order)" "mailfrom-dkim dkim direct hosted spf-dkim spf"
world 'acme.example=v=spf1 inclde:x.example -all'
plan --json
has "a broken record is named, not merged over" "$(of spf-dkim '["refused"]')" "column 8"
world
plan --json
is "where nothing stands, a whole record is added" "$(of spf-dkim "['records'][0]['action']") $(of spf-dkim "['records'][0]['value']")" \
	"add v=spf1 include:_spf.learning.vendor.example ~all"
world silent:acme.example silent:_dmarc.acme.example
run senderctl --dns-timeout 0.3 plan show acme.example --dns --json
status_is "silence is no plan: exit status 1" 1
has "and no policy" "$(of spf-dkim '["predicted"]["rfc9989"]["receiver"]')" "not known"

# What a stranger publishes is shown, and obeyed by no terminal.
world $'acme.example=v=spf1 ip4:192.0.2.1\e[31mRED\a\u202e -all' $'_dmarc.acme.example=v=DMARC1; p=none; x=\e]0;title\a'
for command in "plan show acme.example --dns" "record list acme.example --dns" "record list acme.example --dns --format csv" \
	"record list acme.example --dns --format zone" "plan show acme.example --dns --way spf --color always"; do
	# shellcheck disable=SC2086
	run senderctl $command
	has_not "$command: no escape sequence of others" "$output" $'\e[31mRED'
	has_not "$command: no bell" "$output" $'\a'
	has_not "$command: nothing that turns letters around" "$output" $'\u202e'
done

# A waiver has its reason, and is shown.
world 'acme.example=v=spf1 mx -all'
ok "the customer's own server lets us in" senderctl sender waive acme.example --purpose spf --reason "mails only its own people"
plan --json
is "that is DKIM alone now" "$(field "$output" '["way"]')" dkim
plan
has "the reason is shown" "$output" "waived: mails only its own people"

# The provider's side.
ok "reports are wanted" senderctl provider set lms --dmarc-report dmarc@reports.vendor.test
world 'acme.example=v=spf1 mx -all' '_dmarc.acme.example=v=DMARC1; p=reject; rua=mailto:d@acme.example'
plan --json
is "of an existing record only the address is asked for" \
	"$(of dkim "and [r['value'] for w in json.loads(sys.argv[1])['ways'] if w['way'] == 'dkim' for r in w['records'] if r['purpose'] == 'dmarc']")" \
	"['v=DMARC1; p=reject; rua=mailto:d@acme.example,mailto:dmarc@reports.vendor.test']"
run senderctl record list --provider lms --format zone
has "the provider says that it wants them" "$output" \
	'acme.example._report._dmarc.reports.vendor.test. 3600 IN TXT "v=DMARC1"'
refused "an address is an address" 2 "dmarc" senderctl provider set lms --dmarc-report nobody
ok "and can be taken back" senderctl provider set lms --dmarc-report ""
finish
