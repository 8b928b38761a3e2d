#!/bin/bash
# check, when something was done wrong: which mistake it was, and the line as it should be.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

# The records of acme.example and birke.example, one a line: NAME TYPE VALUE ("_" for a
# record of no text).  acme.example has two servers, birke.example one.
world() {
	world_is python3 - "$HOUSE/records" <<-'END'
	import json, sys
	records = [line.rstrip('\n').split(' ', 2) for line in open(sys.argv[1])]
	records = [[n, t, v.encode().decode('unicode_escape').encode('latin-1').decode()] for n, t, v in records]
	of = lambda apex: [r for r in records if r[0] == apex or r[0].endswith('.' + apex)]
	vendor = of('learning.vendor.example')
	vendor += [['_spf.learning.vendor.example', 'TXT', 'v=spf1 ip4:192.0.2.25 -all']]
	zones = [{'apex': '', 'servers': ['127.0.0.9'], 'names': ['root']},
	         {'apex': 'acme.example', 'servers': ['127.0.0.2', '127.0.0.3'], 'records': of('acme.example')},
	         {'apex': 'birke.example', 'servers': ['127.0.0.5'], 'records': of('birke.example')},
	         {'apex': 'learning.vendor.example', 'servers': ['127.0.0.4'], 'records': vendor}]
	json.dump({'zones': zones}, sys.stdout)
	END
}
# tells NAME DOMAIN PURPOSE STATE MISTAKE: in the world of standard input
tells() {
	cat > "$HOUSE/records"
	world
	run senderctl --dry-run check "$2" --json
	is "$1" "$(python3 -c 'import json,sys
for r in json.loads(sys.argv[1])["domains"][0]["requirements"]:
    if r["purpose"] == sys.argv[2] and r["owner"] == "customer":
        print(r["state"], (r["diagnosis"] or {}).get("mistake"))
        assert r["diagnosis"] is None or r["explanation"] == r["diagnosis"]["explanation"]
        break' "$output" "$3")" "$4 $5"
	domain=$2
}
# What people read in the same world.
people() {
	run senderctl --dry-run "$@" check "$domain"
}
to_do() {
	people
	has "${2:-the line is printed as it should be}" "$output" "to do:    $1"
}

house_up
cat > "$HOUSE/vendor.json" <<'END'
{ "providers": [ { "name": "lms", "title": "Vendor", "hosting_domain": "learning.vendor.example",
  "default_sender": "noreply@learning.vendor.example", "spf_host": "_spf.learning.vendor.example",
  "language": "en", "contact": "Mail team <postmaster@vendor.example>",
  "relays": [ { "name": "mx1", "helo": "mx1.learning.vendor.example", "mta": "postfix",
                "signer": "opendkim", "addresses": ["192.0.2.25"] } ],
  "clients": [
  { "name": "acme", "title": "Acme Ltd", "language": "en", "contact": "it@acme.example",
    "logins": ["acme-app"], "sites": [ { "url": "https://learn.acme.example/", "audience": "all" } ],
    "senders": [ { "address": "academy@acme.example", "mode": "relayed",
                   "site": "https://learn.acme.example/" } ] },
  { "name": "birke", "title": "Birke GmbH", "language": "de", "contact": "it@birke.example",
    "logins": ["birke-app"], "sites": [ { "url": "https://learn.birke.example/", "audience": "all" } ],
    "senders": [ { "address": "schule@birke.example", "mode": "relayed",
                   "site": "https://learn.birke.example/" } ] } ] } ] }
END
run senderctl import "$HOUSE/vendor.json"
status_is "a vendor with two clients is imported" 0

# Keys, as the key service would add them, on a sheet: acme publishes TXT, birke a CNAME.
public_half() {
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 2> /dev/null |
		openssl pkey -pubout -outform DER | base64 -w 0
}
public=$(public_half) birke=$(public_half) other=$(public_half)
for row in "acme.example txt $public" "birke.example cname $birke"; do
	read -r domain publish key <<< "$row"
	look "INSERT INTO dkim_key (provider_id, uuid, domain_id, client_uuid, selector, algorithm, bits, public_key, publish)
		SELECT d.provider_id, gen_random_uuid(), d.id, c.uuid, 's1', 'rsa-sha256', 2048, decode('$key', 'base64'), '$publish'
		  FROM domain d JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id
		 WHERE d.name = '$domain'"
done
look "UPDATE dkim_key SET publish_pending_at = clock_timestamp()"
dkim="v=DKIM1; k=rsa; p=$public" pointed="v=DKIM1; k=rsa; p=$birke"
spf='v=spf1 include:_spf.learning.vendor.example ~all'
target=s1.birke.example._domainkey.learning.vendor.example
here=s1._domainkey.acme.example there=s1._domainkey.birke.example

: > "$HOUSE/records"
world
names_up
echo "dns { resolvers = {\"127.0.0.1:$port\"} authoritative_port = $port timeout = 1.0 }" > "$SENDERCTL_CONFIG"

# ---- nothing is wrong, or nothing is there

tells "a right key has no diagnosis" acme.example dkim match None <<-END
	$here TXT $dkim
END
tells "nor has one that nobody published" acme.example dkim missing None <<-END
	acme.example TXT $spf
END
to_do "publish $here  TXT  $dkim"
tells "a folded key is a right key" acme.example dkim match None <<-END
	$here TXT v=DKIM1;p=${public:0:100} ${public:100};k=rsa;
END

# ---- names

tells "the zone twice" acme.example dkim misplaced doubled-zone <<-END
	$here.acme.example TXT $dkim
END
to_do "move it to $here  TXT  $dkim"
has "people see where it stands" "$output" "the record stands at: $here.acme.example"
people --lang de
has "and in German" "$output" "das Panel hat die Zone an den Namen angehängt; der Record steht unter: $here.acme.example"

tells "_domainkey forgotten" acme.example dkim misplaced no-domainkey <<-END
	s1.acme.example TXT $dkim
END
tells "at the domain itself" acme.example dkim misplaced at-apex <<-END
	acme.example TXT $spf
	acme.example TXT $dkim
END
tells "SPF at www" acme.example spf misplaced at-www <<-END
	www.acme.example TXT $spf
END
to_do "move it to acme.example  TXT  $spf"
tells "DMARC without its underscore" acme.example dmarc misplaced dmarc-without-underscore <<-END
	dmarc.acme.example TXT v=DMARC1; p=reject
END
to_do "move it to _dmarc.acme.example  TXT  v=DMARC1; p=reject" "with the policy that they chose"

# ---- values

tells "quotes inside the value" acme.example dkim conflict quotes <<-END
	$here TXT "${dkim:0:200}" "${dkim:200}"
END
to_do "correct it to $here  TXT  $dkim" "the line has no quotes, for a panel"
has "for a zone file no string of it is above 255 octets" "$output" \
	"zone file: $here. 3600 IN TXT \"${dkim:0:255}\" \"${dkim:255}\""
tells "backslashes inside the value" acme.example dkim conflict backslash <<-END
	$here TXT v=DKIM1\\\\; k=rsa\\\\; p=$public
END
tells "cut at 255 characters" acme.example dkim conflict cut-at-255 <<-END
	$here TXT ${dkim:0:255}
END
people
has "with how much is there" "$output" "237 of 392 characters of the key"
tells "two strings as two records" acme.example dkim conflict split-in-records <<-END
	$here TXT ${dkim:0:255}
	$here TXT ${dkim:255}
END
tells "words behind the key" acme.example dkim conflict trailing-text <<-END
	$here TXT $dkim (please publish)
END
tells "somebody else's key" acme.example dkim conflict foreign-key <<-END
	$here TXT v=DKIM1; k=rsa; p=$other
END
tells "a key that is withdrawn" acme.example dkim conflict None <<-END
	$here TXT v=DKIM1; p=
END
to_do "correct it to $here  TXT  $dkim" "the right line is printed for it, too"
tells "two SPF records" acme.example spf conflict several-spf-records <<-END
	acme.example TXT v=spf1 mx ~all
	acme.example TXT $spf
END
to_do "senderctl record list acme.example --dns" "the merge is the planner's"
run senderctl record list acme.example --dns
has "which proposes one record" "$output" "v=spf1 mx include:_spf.learning.vendor.example ~all"
tells "two SPF records, ours first" acme.example spf conflict several-spf-records <<-END
	acme.example TXT $spf
	acme.example TXT v=spf1 a -all
END
people
has "the one without us is named" "$output" "\"v=spf1 a -all\""
has "so is ours" "$output" "\"${spf:0:40}"
has_not "and none is told to go" "$output" "goes"
tells "two policies" acme.example dmarc conflict several-policies <<-END
	_dmarc.acme.example TXT v=DMARC1; p=reject
	_dmarc.acme.example TXT v=DMARC1; p=none
END
to_do "ask the customer which policy it shall be" "nobody chooses for the customer"
has_not "no policy is recommended" "$output" "correct it to"
people --lang de
has "in German, too" "$output" "welche Richtlinie gelten soll"
tells "our term behind all" acme.example spf conflict after-all <<-END
	acme.example TXT v=spf1 mx -all include:_spf.learning.vendor.example
END
tells "quoted SPF" acme.example spf conflict quotes <<-END
	acme.example TXT "$spf"
END
to_do "correct it to acme.example  TXT  $spf"
tells "a misspelt include" acme.example spf conflict mistyped-include <<-END
	acme.example TXT v=spf1 a inlcude:_spf.learning.vendor.example -all
END
to_do "correct it to acme.example  TXT  v=spf1 a include:_spf.learning.vendor.example -all" "it is mended"
tells "what nobody can guess" acme.example spf conflict None <<-END
	acme.example TXT v=spf1 a ip4:1.2.3.400 -all
END
to_do "senderctl spf lint --domain acme.example" "is explained by the linter"
tells "quoted SPF without us" acme.example spf conflict wrapped-spf <<-END
	acme.example TXT "v=spf1 a mx -all"
END
to_do "correct it to acme.example  TXT  v=spf1 a mx -all" "the customer's terms are kept"
has "and what comes then is said" "$output" "then:     senderctl record list acme.example --dns"
people --lang de
has "in German, too" "$output" "stehen Anf"
run senderctl record list acme.example --dns
has "the planner says the same" "$output" "must be mended first"
has_not "and adds no record that loses them" "$output" "v=spf1 include:_spf.learning.vendor.example ~all"
tells "reports to an address without mailto:" acme.example dmarc match rua-without-mailto <<-END
	_dmarc.acme.example TXT v=DMARC1; p=reject; rua=dmarc@acme.example
END
to_do "correct it to _dmarc.acme.example  TXT  v=DMARC1; p=reject; rua=mailto:dmarc@acme.example"
tells "a policy that is no word" acme.example dmarc conflict policy-misspelt <<-END
	_dmarc.acme.example TXT v=DMARC1; p=quarantaine; adkim=s
END
to_do "correct it to _dmarc.acme.example  TXT  v=DMARC1; p=quarantine; adkim=s"
tells "a stranger's control characters" acme.example dkim conflict leading-text <<-END
	$here TXT \\\\x1b[31m$dkim
END
people
has_not "reach no terminal" "$output" $'\e'
tells "a wildcard's answer" acme.example dkim missing wildcard <<-END
	*.acme.example TXT v=spf1 -all
END
to_do "publish $here  TXT  $dkim"
tells "a wildcard, and the key without _domainkey" acme.example dkim misplaced no-domainkey <<-END
	*.acme.example TXT v=spf1 -all
	s1.acme.example TXT $dkim
END

# ---- pointers

tells "a right CNAME has no diagnosis" birke.example dkim match None <<-END
	$there CNAME $target
	$target TXT $pointed
END
tells "the zone behind the target" birke.example dkim conflict target-with-zone <<-END
	$there CNAME $target.birke.example
	$target TXT $pointed
END
to_do "correct it to $there  CNAME  $target"
tells "flattened: right, and told" birke.example dkim match flattened <<-END
	$there TXT $pointed
	$target TXT $pointed
END
to_do "correct it to $there  CNAME  $target"
tells "proxied" birke.example dkim conflict proxied <<-END
	$there A 198.51.100.7
	$target TXT $pointed
END
tells "addresses of a wildcard are nobody's mistake" birke.example dkim missing None <<-END
	*.birke.example A 198.51.100.7
	$target TXT $pointed
END
tells "the CNAME beside an old TXT" birke.example dkim conflict cname-and-txt <<-END
	$there TXT v=DKIM1; k=rsa; p=$other
	$there CNAME $target
	$target TXT $pointed
END
tells "a target of an older name of ours" birke.example dkim conflict old-target <<-END
	$there CNAME s1.birke.example._domainkey.old.vendor.example
	$target TXT $pointed
END

# ---- what was said stays

cat > "$HOUSE/records" <<-END
	$here.acme.example TXT $dkim
END
world
run senderctl check acme.example --json
is "the correct line is in the JSON" \
	"$(field "$output" '["domains"][0]["requirements"][1]["diagnosis"]["correct"]')" \
	"{'name': '$here', 'type': 'TXT', 'value': '$dkim'}"
is "and where it was found" \
	"$(field "$output" '["domains"][0]["requirements"][1]["diagnosis"]["found_at"]')" "$here.acme.example"
has "the explanation is kept with the verdict" \
	"$(look "SELECT explanation FROM verdict WHERE purpose = 'dkim'")" "$here.acme.example"
finish
