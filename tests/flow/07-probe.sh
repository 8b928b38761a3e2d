#!/bin/bash
# check, mode direct: is the customer's own submission server as it must be?
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

# An authority, a certificate of it for the server, and one for somebody else.
certificate() { # certificate NAME HOST
	openssl req -newkey rsa:2048 -nodes -keyout "$HOUSE/$1.key" -out "$HOUSE/$1.csr" -subj "/CN=$2" 2> /dev/null
	openssl x509 -req -in "$HOUSE/$1.csr" -CA "$HOUSE/ca.pem" -CAkey "$HOUSE/ca.key" -days 30 -out "$HOUSE/$1.pem" \
		-extfile <(echo "subjectAltName=DNS:$2") 2> /dev/null
}
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$HOUSE/ca.key" -out "$HOUSE/ca.pem" -days 30 -subj /CN=ca 2> /dev/null
certificate ours submission.acme.example
certificate other mail.other.example

cat > "$HOUSE/world.json" <<'END'
{"zones": [{"apex": "", "servers": ["127.0.0.9"], "names": ["root"], "records": [
  ["submission.acme.example", "A", "127.0.0.1"]]}]}
END
background dnsd python3 "$top_srcdir/tests/lib/dnsd.py" "$HOUSE/world.json" "$HOUSE/port"
until_true 10 test -s "$HOUSE/port" || bail "the DNS server does not start"
read -r port _ < "$HOUSE/port"
house_up
cat > "$SENDERCTL_CONFIG" <<END
dns { resolvers = {"127.0.0.1:$port"} authoritative_port = $port timeout = 1.0 }
probe { ca_file = "$HOUSE/ca.pem" }
END

cat > "$HOUSE/vendor.json" <<'END'
{ "providers": [ { "name": "lms", "title": "Vendor", "hosting_domain": "learning.vendor.example",
  "default_sender": "noreply@learning.vendor.example", "spf_host": "_spf.learning.vendor.example",
  "language": "en", "contact": "Mail team <postmaster@vendor.example>",
  "relays": [ { "name": "mx1", "helo": "mx1.learning.vendor.example", "mta": "postfix",
                "signer": "opendkim", "addresses": ["192.0.2.25"] } ],
  "clients": [ { "name": "acme", "title": "Acme Ltd", "language": "en", "contact": "it@acme.example",
    "logins": ["acme-app"], "sites": [ { "url": "https://learn.acme.example/", "audience": "all" } ],
    "smarthosts": [ { "host": "submission.acme.example", "port": 587, "tls": "starttls", "auth_user": "vendor" } ],
    "senders": [ { "address": "academy@acme.example", "mode": "direct",
                   "site": "https://learn.acme.example/" } ] } ] } ] }
END
run senderctl import "$HOUSE/vendor.json"
status_is "a client with a server of its own is imported" 0

# with NAME MODE CERTIFICATE STATE PART: how the server is, and what check makes of it
with() {
	rm -f "$HOUSE/submission"
	background "submission-$2" python3 "$top_srcdir/tests/lib/submission.py" "$HOUSE/submission" \
		"$HOUSE/$3.pem" "$HOUSE/$3.key" "$2"
	until_true 10 test -s "$HOUSE/submission" || bail "the submission server does not start"
	local tls=starttls
	[ "$2" = implicit ] && tls=implicit
	look "UPDATE smarthost SET port = $(cat "$HOUSE/submission"), tls = '$tls'"
	run senderctl --json check acme.example
	is "$1: $4" "$(field "$output" '["domains"][0]["requirements"][0]["state"]')" "$4"
	has "$1: the reason" "$(field "$output" '["domains"][0]["requirements"][0]["explanation"]')" "$5"
}
with "a good server" good ours match "valid until"
with "TLS from the first octet" implicit ours match "valid until"
has "what it offers is kept" "$(field "$output" '["domains"][0]["requirements"][0]["found"]')" "AUTH PLAIN LOGIN"
with "a certificate for another name" good other conflict "certificate"
with "nothing but TLS 1.1" old ours conflict "TLS 1.2"
with "no STARTTLS" plain ours conflict "STARTTLS"
with "no AUTH" noauth ours conflict "AUTH"
look "UPDATE smarthost SET port = 1"
run senderctl --json check acme.example
is "nobody there: missing" "$(field "$output" '["domains"][0]["requirements"][0]["state"]')" missing
status_is "exit status 1" 1
finish
