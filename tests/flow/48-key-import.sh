#!/bin/bash
# Keys that other programs made: taken in by the key service alone, byte for byte, or refused with a reason.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"
command -v openssl > /dev/null || skip_all "no openssl to make keys with"

cd "$HOUSE" || exit 99
umask 077
published() { # published SELECTOR: the base64 that the sheet would carry
	senderctl record list acme.example --json | python3 -c 'import json,sys
for r in json.load(sys.stdin):
    if r["name"].startswith(sys.argv[1] + "._domainkey."):
        print("".join(r["strings"]).split("p=")[1])' "$1"
}
taken() { # taken NAME SELECTOR FILE PUBLIC
	run senderctl key import acme.example "$2" --file "$3"
	status_is "$1 is taken in" 0
	is "and its public half is the one that belongs to it" "$(published "$2")" "$4"
}
public_of() { openssl pkey -in "$1" -pubout -outform DER | base64 -w0; }
no() { # no NAME SENTENCE FILE
	refused "$1" 2 "$2" senderctl key import acme.example bad --file "$3"
}

house_up
senderctl provider add lms --title Vendor --hosting-domain lms.vendor.example \
	--default-sender no@lms.vendor.example --spf-host _spf.lms.vendor.example > /dev/null
senderctl client add lms/acme --title Acme > /dev/null
senderctl login add lms/acme app > /dev/null
senderctl sender add lms/acme info@acme.example --mode relayed --login app > /dev/null

openssl genrsa -out p8.pem 2048 2> /dev/null
openssl rsa -in p8.pem -traditional -out p1.pem 2> /dev/null
openssl genpkey -algorithm ed25519 -out ed.pem
run senderctl key import acme.example old --file p8.pem --dry-run
has "a dry run says what it would do" "$output" "would take in old"
is "and takes in nothing" "$(senderctl key list --json)" "[]"
taken "PKCS#8 of openssl" old p8.pem "$(public_of p8.pem)"
refused "the same key again, under another name" 4 "exists already" senderctl key import acme.example older --file p1.pem
senderctl key cancel acme.example old --yes > /dev/null
openssl genrsa -traditional -out p1.pem 3072 2> /dev/null
taken "PKCS#1 of openssl" trad p1.pem "$(public_of p1.pem)"
refused "a selector is used once" 4 "used before" senderctl key import acme.example old --file ed.pem
senderctl key cancel acme.example trad --yes > /dev/null
raw_of() { openssl pkey -in "$1" -pubout -outform DER | tail -c 32 | base64 -w0; }
taken "Ed25519 in PEM" ed1 ed.pem "$(raw_of ed.pem)"
senderctl key cancel acme.example ed1 --yes > /dev/null
openssl genpkey -algorithm ed25519 -out ed.pem
openssl pkey -in ed.pem -outform DER | tail -c 32 | base64 > seed
taken "a seed as rspamd reads it" ed2 seed "$(raw_of ed.pem)"
senderctl key cancel acme.example ed2 --yes > /dev/null
openssl genpkey -algorithm ed25519 -out ed.pem
{ openssl pkey -in ed.pem -outform DER | tail -c 32; openssl pkey -in ed.pem -pubout -outform DER | tail -c 32; } | base64 -w0 > both
taken "seed and public half as rspamadm writes them" ed3 both "$(raw_of ed.pem)"
in_sheet() { tr -d '\n\t "' < "$1" | sed 's/.*p=//; s/).*//'; } # in_sheet FILE: p= of a record as both of them print it
if command -v opendkim-genkey > /dev/null; then
	opendkim-genkey -b 2048 -d acme.example -s og
	taken "what opendkim-genkey writes" og og.private "$(in_sheet og.txt)"
	senderctl key cancel acme.example og --yes > /dev/null
else
	skip "what opendkim-genkey writes is taken in" "no opendkim-genkey"
fi
rspamadm_writes() { # rspamadm_writes TYPE SELECTOR
	rspamadm dkim_keygen -b 2048 -t "$1" -d acme.example -s "$2" -k "$2.private" > "$2.txt"
	taken "what rspamadm writes for $1" "$2" "$2.private" "$(in_sheet "$2.txt")"
	senderctl key cancel acme.example "$2" --yes > /dev/null
}
if command -v rspamadm > /dev/null; then
	senderctl key cancel acme.example ed3 --yes > /dev/null
	rspamadm_writes rsa rs
	rspamadm_writes ed25519 red
	rspamadm_writes ed25519-seed seeded
else
	skip "what rspamadm writes is taken in" "no rspamadm"
fi
openssl genrsa -out weak.pem 1024 2> /dev/null
taken "1024 bits, to be retired" weak weak.pem "$(public_of weak.pem)"
senderctl key cancel acme.example weak --yes > /dev/null
run senderctl key destroy acme.example weak --yes
status_is "and is destroyed when its time is over" 0
openssl genrsa -out wide.pem 2048 2> /dev/null
chmod 644 wide.pem
run senderctl key import acme.example pipe --file - < wide.pem
status_is "standard input will do" 0
has "who may read the file is looked at" "$output" "others than its owner"

# ---------------------------------------------------------------- refused

openssl pkey -in p8.pem -pubout -out public.pem
no "a public key is none" "public key" public.pem
openssl pkey -in p8.pem -aes256 -passout pass:secret -out locked.pem
no "nor is one that wants a passphrase" "wants a passphrase" locked.pem
openssl rsa -in p8.pem -aes256 -traditional -passout pass:secret -out locked1.pem 2> /dev/null
no "in the old form as well" "wants a passphrase" locked1.pem
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem
no "an elliptic curve that DKIM does not know" "another kind" ec.pem
openssl genrsa -out odd.pem 1536 2> /dev/null
no "a size that nobody uses" "1024, 2048, 3072 or 4096" odd.pem
python3 - <<'END'
import base64, re, subprocess
der = bytearray(subprocess.run(["openssl", "rsa", "-in", "wide.pem", "-outform", "DER", "-traditional"], capture_output=True).stdout)
der[-40] ^= 1
text = base64.encodebytes(bytes(der)).decode()
open("broken.pem", "w").write("-----BEGIN RSA PRIVATE KEY-----\n" + text + "-----END RSA PRIVATE KEY-----\n")
END
no "numbers that do not belong together" "do not belong together" broken.pem
head -c 600 p8.pem > cut.pem
no "a file that was cut" "do not belong together" cut.pem
echo "hello" > words
no "words" "no private key" words
: > empty
no "nothing at all" "no private key" empty
head -c 20000 /dev/zero | tr '\0' 'A' > long
no "more than a key can be" "longer than" long
printf -- '-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n' "$(head -c 3000 /dev/urandom | base64)" > noise.pem
no "noise" "do not belong together" noise.pem
refused "a selector that is none" 2 "one label" senderctl key import acme.example 'a.b' --file p1.pem
refused "a file that is not there" 3 "cannot open" senderctl key import acme.example x --file nowhere.pem
is "none of them left anything" "$(look "SELECT count(*) FROM dkim_key WHERE selector IN ('bad', 'x', 'a.b')")" 0
is "every key that was taken in is in the history" \
	"$(look "SELECT count(*) FROM event WHERE what = 'key.import'")" "$(look "SELECT count(*) FROM dkim_key")"
run senderctl history verify
status_is "which nobody rewrote" 0
finish
