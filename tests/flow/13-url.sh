#!/bin/bash
# check: does the URL lead to the product, can replies come back, and does one dead server hold up others?
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

authority ca
certificate ours learn.acme.example
certificate soon learn.acme.example ca 20260101000000Z "$(date -u -d '+5 days' +%Y%m%d%H%M%S)Z"
certificate other shop.acme.example

# world PLACE MX...: where the hosting domain is, and what stands at the relayed domain
world() {
	world_is python3 - "$@" <<-'END'
	import json, sys
	records = [['learn.acme.example', 'A', '127.0.0.1'], ['learning.vendor.example', 'A', sys.argv[1]]]
	records += [['slow%d.example' % i, 'A', '127.0.0.1'] for i in range(80)]
	for name, kind, value in (word.split('|') for word in sys.argv[2:]):
	    records.append([name, kind, [int(value.split()[0]), value.split()[1].rstrip('.')] if kind == 'MX' else value])
	zones = [{'apex': '', 'servers': ['127.0.0.9'], 'names': ['root'], 'records': records}]
	json.dump({'zones': zones}, sys.stdout)
	END
}
world 127.0.0.1
names_up
cat > "$SENDERCTL_CONFIG" <<END
dns { resolvers = {"127.0.0.1:$port"} authoritative_port = $port timeout = 1.0 }
probe { ca_file = "$HOUSE/ca.pem" }
END
house_up
cat > "$HOUSE/vendor.json" <<'END'
{ "providers": [ { "name": "lms", "title": "Vendor", "hosting_domain": "learning.vendor.example",
  "default_sender": "noreply@learning.vendor.example", "spf_host": "_spf.learning.vendor.example",
  "language": "en", "contact": "Mail team <postmaster@vendor.example>",
  "relays": [ { "name": "mx1", "helo": "mx1.learning.vendor.example", "mta": "postfix",
                "signer": "opendkim", "addresses": ["192.0.2.25"] } ],
  "clients": [ { "name": "acme", "title": "Acme Ltd", "language": "en", "contact": "it@acme.example",
    "logins": ["acme-app"], "sites": [ { "url": "https://learn.acme.example/", "audience": "all" } ],
    "senders": [ { "address": "noreply@learn.acme.example", "mode": "hosted", "site": "https://learn.acme.example/" },
                 { "address": "academy@acme.example", "mode": "relayed", "site": "https://learn.acme.example/" } ] } ] } ] }
END
run senderctl import "$HOUSE/vendor.json"
status_is "a client with a URL is imported" 0

of() { # of PURPOSE KEY: of the last JSON answer
	python3 -c 'import json,sys
print(" ".join(str(eval("r" + sys.argv[3])) for d in json.loads(sys.argv[1])["domains"] for r in d["requirements"] if r["purpose"] == sys.argv[2]))' \
		"$output" "$1" "$2" 2> /dev/null
}
serve() { # serve CERTIFICATE MODE [LOCATION]
	rm -f "$HOUSE/website"
	local key=$HOUSE/$1.key pem=$HOUSE/$1.pem scheme=https
	[ "$1" = - ] && pem=- scheme=http
	background website python3 "$top_srcdir/tests/lib/website.py" "$HOUSE/website" "$pem" "$key" "${@:2}"
	until_true 10 test -s "$HOUSE/website" || bail "the web server does not start"
	look "UPDATE site SET url = '$scheme://learn.acme.example:$(cat "$HOUSE/website")/start'" > /dev/null
}
with() { # with NAME STATE FAULT PART CERTIFICATE MODE [LOCATION]
	serve "${@:5}"
	run senderctl --json check learn.acme.example
	is "$1: $2, $3" "$(of site "['state']") $(of site "['probe']['fault']")" "$2 $3"
	has "$1: the sentence" "$(of site "['explanation']")" "$4"
}
with "a good page" match good "valid until" ours 200
is "what was found" "$(of site "['found']" | sed 's/TLSv1.[23]/TLS/')" "127.0.0.1, TLS, 200 Words"
with "a login page" match good "valid until" ours 401
with "another page of the host" match good "valid until" ours 302 /login
with "the same, by its whole name" match good "valid until" ours 301 https://LEARN.acme.example/login
with "a certificate that ends soon" match good "ends in 4 days" soon 200
with "a page without encryption" match good "without encryption" - 200
with "a certificate for another host" conflict certificate-name "is for shop.acme.example, not for learn.acme.example" other 200
with "a page that leads to another host" conflict moved-host "away from learn.acme.example, to https://parked.example/" ours 302 https://parked.example/
with "the same, without a scheme" conflict moved-host "parked.example" ours 302 //parked.example/x
with "a page that leads to one without encryption" conflict moved-clear "http://learn.acme.example/" ours 302 http://learn.acme.example/
with "a page that is not there" conflict page-missing "404 Words" ours 404
with "a server that fails" unknown page-fails "503 Words" ours 503
with "another protocol" conflict not-http "not a web server" - ssh
with "headers without end" match good "valid until" ours endless
with "a server that hangs up" unknown hung-up "ended the conversation" ours hangup
serve - 200
look "UPDATE site SET url = replace(url, 'http:', 'https:')" > /dev/null
run senderctl --json check learn.acme.example
is "http where https is registered" "$(of site "['probe']['fault']")" tls-none
look "UPDATE site SET url = 'https://learn.acme.example:1/'" > /dev/null
run senderctl --json check learn.acme.example acme.example
is "nobody there" "$(of site "['state']")" "missing missing"
is "the relayed sender's URL is looked at, too" "$(of site "['name']")" "learn.acme.example learn.acme.example"
is "it is recommended, not required" "$(of site "['required']")" "False False"
serve ours 200
world 192.0.2.80
run senderctl --json check learn.acme.example
has "where the provider's hosting domain is not" "$(of site "['explanation']")" "points to 127.0.0.1, not to where learning.vendor.example is"
is "is a conflict" "$(of site "['state']")" conflict
run senderctl check learn.acme.example
has "and what to do is said" "$output" "put the URL right"

# ---------------------------------------------------------------- the way back

back() { # back NAME STATE PART RECORD...
	world 127.0.0.1 "${@:4}"
	run senderctl --json check acme.example
	is "$1: $2" "$(of return "['state']")" "$2"
	has "$1: the sentence" "$(of return "['explanation']")" "$3"
}
back "no MX, no address" missing "cannot be delivered" "acme.example|TXT|x"
is "recommended, not required" "$(of return "['required']")" False
back "the domain's own address" match "address of the domain itself" "acme.example|A|192.0.2.1"
back "an MX" match "receives mail" "acme.example|MX|10 mx.acme.example" "mx.acme.example|A|192.0.2.1"
back "an MX that leads nowhere" missing "no host of the MX records" "acme.example|MX|10 mx.acme.example"
back "a null MX" missing "null MX" "acme.example|MX|0 ."
run senderctl check acme.example
has "and what to do is said" "$output" "--reply-to"
run senderctl sender set academy@acme.example --reply-to help@desk.example
world 127.0.0.1 "acme.example|MX|0 ." "desk.example|A|192.0.2.1"
run senderctl --json check acme.example
is "replies go elsewhere, and bounces still come here" "$(of return "['name']") $(of return "['state']")" "desk.example acme.example match missing"
run senderctl sender waive academy@acme.example --purpose return --reason "nobody answers"
status_is "it can be done without" 0
run senderctl --json check acme.example
is "then it is waived" "$(of return "['state']")" "waived waived"

# ---------------------------------------------------------------- many at once

rm -f "$HOUSE/silent"
background silent python3 "$top_srcdir/tests/lib/website.py" "$HOUSE/silent" - - silent
until_true 10 test -s "$HOUSE/silent" || bail "the silent server does not start"
look "INSERT INTO smarthost (provider_id, client_id, host, port, auth_user)
	SELECT provider_id, id, 'slow' || i || '.example', $(cat "$HOUSE/silent"), 'u' FROM client, generate_series(0, 79) i;
	INSERT INTO domain (provider_id, client_id, name, mode, smarthost_id, dkim)
	SELECT provider_id, client_id, 'd-' || host, 'direct', id, false FROM smarthost" > /dev/null
SECONDS=0
run senderctl --json --dns-timeout 15 check lms/acme
took=$SECONDS
is "80 servers that say nothing" "$(of smarthost "['probe']['fault']" | tr ' ' '\n' | sort | uniq -c | tr -s ' ')" " 80 silent"
note "80 silent servers: $took s; one after another would be 1200 s"
ok "are waited for at the same time" test "$took" -lt 100
is "no worker is left behind" "$(pgrep -c -f "^senderctl-prob[e]" || true)" 0
finish
