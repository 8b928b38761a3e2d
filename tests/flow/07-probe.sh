#!/bin/bash
# check, mode direct: is the customer's own submission server as it must be, does it take the stored
# password, and each sender?
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

# An authority, certificates of it for the server and for somebody else, and what goes wrong with such.
authority ca
authority stranger
certificate ours submission.acme.example
certificate other mail.other.example
certificate foreign submission.acme.example stranger
certificate expired submission.acme.example ca 20200101000000Z 20210301000000Z
certificate early submission.acme.example ca 20980101000000Z 20990101000000Z
certificate soon submission.acme.example ca 20260101000000Z "$(date -u -d '+5 days' +%Y%m%d)235959Z"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$HOUSE/self.key" -out "$HOUSE/self.pem" -days 30 \
	-subj /CN=submission.acme.example -addext subjectAltName=DNS:submission.acme.example 2> /dev/null

cat > "$HOUSE/world.json" <<'END'
{"zones": [{"apex": "", "servers": ["127.0.0.9"], "names": ["root"], "records": [
  ["submission.acme.example", "A", "127.0.0.1"], ["inside.acme.example", "A", "10.255.255.1"],
  ["both.acme.example", "A", "127.0.0.1"], ["both.acme.example", "AAAA", "::1"]]}]}
END
names_up
# the key service takes its authorities from here when it starts, and never from a caller
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
    "smarthosts": [ { "host": "submission.acme.example", "port": 587, "tls": "starttls", "auth_user": "vendor" } ],
    "senders": [ { "address": "academy@acme.example", "mode": "direct", "site": "https://learn.acme.example/" },
                 { "address": "press@acme.example", "mode": "direct" } ] } ] } ] }
END
run senderctl import "$HOUSE/vendor.json"
status_is "a client with a server of its own is imported" 0
look "DELETE FROM sender_login; UPDATE sender SET site_id = NULL" > /dev/null

needle='correct horse$9 battery&staple'
export SUBMISSION_PASSWORD=$needle
state() { field "$output" "['domains'][0]['requirements'][0]['state']"; }
explanation() { field "$output" "['domains'][0]['requirements'][0]['explanation']"; }
probe() { field "$output" "['domains'][0]['requirements'][0]['probe']$1"; }
said() { cat "$HOUSE/submission.said" 2> /dev/null; }

# serve MODE CERTIFICATE: a server that is like this, and registered
serve() {
	rm -f "$HOUSE"/submission*
	background "server-$1" python3 "$top_srcdir/tests/lib/submission.py" "$HOUSE/submission" "$HOUSE/$2.pem" "$HOUSE/$2.key" "$1"
	until_true 10 test -s "$HOUSE/submission" || bail "the submission server does not start"
	local tls=starttls
	[ "$1" = implicit ] && tls=implicit
	look "UPDATE smarthost SET port = $(cat "$HOUSE/submission"), tls = '$tls'" > /dev/null
}
# with NAME MODE CERTIFICATE STATE FAULT PART: how the server is, and what check makes of it
with() {
	serve "$2" "$3"
	run senderctl --json check acme.example
	is "$1: $4, $5" "$(state) $(probe "['fault']")" "$4 $5"
	has "$1: the sentence" "$(explanation)" "$6"
}

# ---------------------------------------------------------------- without a password

with "a good server" good ours match good "valid until 2099-12-31"
has "no password: that is said" "$(explanation)" "no password is stored"
has "what it offers is kept" "$(field "$output" "['domains'][0]['requirements'][0]['found']")" "AUTH PLAIN LOGIN"
is "before encryption it offers none" "$(probe "['auth_before_tls']")" ""
with "TLS from the first octet" implicit ours match good "valid until"
with "a certificate that ends soon" good soon match good "ends in"
with "a certificate for another name" good other conflict certificate-name "is for mail.other.example, not for submission.acme.example"
with "one that is signed by itself" good self conflict certificate-self-signed "signed by itself"
with "one of an unknown authority" good foreign conflict certificate-unknown "stranger authority"
with "one that has expired" good expired conflict certificate-expired "expired on 2021-03-01"
with "one of the future" good early conflict certificate-not-yet "before 2098-01-01"
with "nothing but TLS 1.1" old ours conflict tls-old "nothing better than TLSv1.1"
has "and what it should be" "$(explanation)" "TLS 1.2"
is "over the old encryption nothing is said" "$(said | sort -u | tr '\n' ' ')" "EHLO mx1.learning.vendor.example STARTTLS "
with "no STARTTLS" plain ours conflict no-starttls "STARTTLS"
with "STARTTLS that is refused" nostart ours conflict starttls-refused "501 5.5.1 not today"
with "no AUTH" noauth ours conflict no-auth "AUTH"
with "AUTH by other ways only" mechanisms ours conflict no-mechanism "GSSAPI XOAUTH2"
with "another protocol" http ours conflict not-smtp "not an SMTP server"
with "come back later" busy ours unknown later "421 4.3.2 too many of you"
with "go away" reject ours conflict rejected "554 5.7.1 ?[31mgo away?"
with "more than an answer before TLS" early ours conflict early "before the encryption"
with "lines without end" endless ours conflict endless "endless"
# these two take as long as we are patient
with "one that says nothing" silent ours unknown silent "no answer in time"
with "one that says it slowly" trickle ours unknown silent "no answer in time"
status_is "could not tell: exit status 3" 3
look "UPDATE smarthost SET port = 1" > /dev/null
run senderctl --json check acme.example
is "nobody there" "$(state) $(probe "['fault']")" "missing refused"
has "nobody there: the sentence" "$(explanation)" "refuses connections to port 1"
is "which address was tried" "$(probe "['addresses'][0]['address']") $(probe "['addresses'][0]['outcome']")" "127.0.0.1 refused"
status_is "exit status 1" 1

# ---------------------------------------------------------------- with the password

printf '%s\n' "$needle" > "$HOUSE/password"
run senderctl smarthost secret lms/acme submission.acme.example --file "$HOUSE/password"
status_is "the password is given to the key service" 0
with "the right password" good ours match good "the login works, and 2 senders are accepted"
is "what was said, and nothing more" "$(said | tr '\n' '|')" "EHLO mx1.learning.vendor.example|STARTTLS|EHLO mx1.learning.vendor.example|AUTH PLAIN vendor|MAIL FROM:<academy@acme.example>|RCPT TO:<postmaster@acme.example>|RSET|MAIL FROM:<press@acme.example>|RCPT TO:<postmaster@acme.example>|RSET|"
is "each sender has its answer" "$(probe "['senders'][1]['fault']")" good
with "AUTH LOGIN alone" loginonly ours match good "the login works"
with "TLS from the first octet, with the password" implicit ours match good "the login works"
with "not from there" denied ours conflict login-denied "530 5.7.0 from this network only"
with "a directory that is away" away ours unknown login-later "454 4.7.0"
with "one sender that is refused" refuse ours conflict sender-refused "vendor is not allowed to send as press@acme.example: 550 5.7.1 not yours 5.7.1 ask the postmaster"
has_not "the other one is fine" "$(explanation)" "academy"
with "one that is refused at the recipient only" late ours conflict sender-refused "as press@acme.example: 553 5.7.1 <press@acme.example>: Sender address rejected"
with "greylisting" grey ours unknown sender-later "451 4.7.1 greylisted"
with "a server that repeats what it was sent" echo ours conflict login-wrong "535 (the server repeats what it was sent)"
for bad in other self foreign expired; do
	serve good $bad
	senderctl check acme.example > /dev/null
	has_not "a $bad certificate: no password is sent" "$(said)" "AUTH"
done
serve old ours
senderctl check acme.example > /dev/null
has_not "nor over TLS 1.1" "$(said)" "AUTH"
serve plain ours
senderctl check acme.example > /dev/null
has_not "nor in clear" "$(said)" "AUTH"
serve good ours
senderctl --dry-run check acme.example > /dev/null
has_not "nor by a dry run" "$(said)" "AUTH"
echo 'not this one' > "$HOUSE/wrong"
senderctl smarthost secret lms/acme submission.acme.example --file "$HOUSE/wrong" > /dev/null
with "a wrong password" good ours conflict login-wrong "does not accept the user vendor with the stored password: 535 5.7.8"
senderctl smarthost secret lms/acme submission.acme.example --file "$HOUSE/password" > /dev/null
run senderctl history --json
has "each use of the password is an event" "$output" "smarthost.login"

# ---------------------------------------------------------------- a test mail

serve good ours
refused "a test mail needs an address" 2 "may not stand in a name" senderctl check acme.example --send-test $'a@b.example>\r\nDATA'
run senderctl --dry-run check acme.example --send-test you@vendor.example
has "a dry run says what it would do" "$output" "would send a test mail from academy@acme.example to you@vendor.example"
has_not "and does not" "$(said)" "DATA"
run senderctl check acme.example --send-test you@vendor.example
status_is "a test mail is sent" 0
has "and that is said" "$output" "the test mail was taken"
has "it is marked as one" "$(cat "$HOUSE/submission.mail")" "Subject: senderctl: test mail / Testmail"
has "it comes from the first sender" "$(cat "$HOUSE/submission.mail")" "From: <academy@acme.example>"
serve refuse ours
run senderctl check acme.example --send-test you@vendor.example
has "not while something is wrong" "$output" "no test mail was sent"
has_not "not a word of it" "$(said)" "DATA"
serve norcpt ours
run senderctl --json check acme.example --send-test you@vendor.example
is "nobody there to get it" "$(probe "['fault']")" test-refused
look "UPDATE domain SET mode = 'on-premises', smarthost_id = NULL" > /dev/null
refused "a test mail needs a server" 2 "--send-test needs one domain" senderctl check acme.example --send-test you@vendor.example
look "UPDATE domain SET mode = 'direct', smarthost_id = (SELECT id FROM smarthost)" > /dev/null

# ---------------------------------------------------------------- whose password it is

serve good other
look "UPDATE smarthost SET host = 'mail.other.example'" > /dev/null 2> "$HOUSE/denied"
has "nobody gives a smarthost another host, with whatever program" "$(cat "$HOUSE/denied")" "keeps its host"
serve good ours
run python3 - "$SENDERCTL_STATE/run/keys/socket" "$(look 'SELECT id FROM smarthost')" "$(look 'SELECT id FROM domain')" \
	"$(cat "$HOUSE/submission")" <<'END'
import json, socket, sys, uuid
keys = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
keys.settimeout(30)
keys.connect(sys.argv[1])
def ask(fds, **more):
    question = dict(op='probe-login', n=1, provider=1, smarthost=int(sys.argv[2]), domain=int(sys.argv[3]),
                    request=str(uuid.uuid4()), lang='en')
    question.update(more)
    socket.send_fds(keys, [json.dumps(question).encode()], fds)
    return json.loads(keys.recv(65536))
def code(answer): return answer['error']['code'] if not answer['ok'] else 'ok'
server = socket.create_connection(('127.0.0.1', int(sys.argv[4])))
other = socket.create_server(('127.0.0.1', 0))
elsewhere = socket.create_connection(other.getsockname())
one, two = socket.socketpair()
print(code(ask([])), code(ask([one.fileno()])), code(ask([elsewhere.fileno()])), code(ask([0])),
      code(ask([server.fileno()], smarthost=999)), code(ask([server.fileno()], provider=999)),
      code(ask([server.fileno()], test_to='a@b.example>\r\nRSET')),
      # a caller cannot name a host or an authority of his own
      ask([server.fileno()], host='127.0.0.1', ca_file='/dev/null', user='x')['result']['logged_in'])
END
is "the key service takes only a connection to the registered server" "$output" \
	"input input input input not-found not-found input True"

# What senderctl does, and what it holds: the password is nowhere.
if command -v strace > /dev/null; then
	env -u SUBMISSION_PASSWORD strace -f -s 65536 -xx -o "$HOUSE/strace" senderctl check acme.example > /dev/null 2>&1
	hexed() { printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../\\x&/g'; }
	ok "strace followed it to the key service" grep -qF "$(hexed probe-login)" "$HOUSE/strace"
	for what in "$needle" "$(printf '%s' "$needle" | base64 -w0)" "$(printf '\0vendor\0%s' "$needle" | base64 -w0)"; do
		ok "no system call of senderctl and its workers carries it" bash -c '! grep -qF -- "$1" "$2"' - "$(hexed "$what")" "$HOUSE/strace"
	done
else
	skip "no system call of senderctl carries it" "no strace"
fi
look "CHECKPOINT" > /dev/null
ok "neither the database's files nor the logs hold it" \
	bash -c '! grep -rqF -- "$1" "$SENDERCTL_STATE/cluster" "$SENDERCTL_STATE/log"' - "$needle"

# ---------------------------------------------------------------- where it is

look "INSERT INTO smarthost (provider_id, client_id, host, port, auth_user)
	SELECT provider_id, id, h, $(cat "$HOUSE/submission"), 'vendor' FROM client, unnest(ARRAY['inside.acme.example', 'both.acme.example']) h" > /dev/null
look "UPDATE domain SET smarthost_id = (SELECT id FROM smarthost WHERE host = 'both.acme.example')" > /dev/null
run senderctl --json check acme.example
has "an address that does not answer beside one that does" "$(explanation)" "its address ::1 refuses connections"
look "UPDATE domain SET smarthost_id = (SELECT id FROM smarthost WHERE host = 'inside.acme.example')" > /dev/null
run senderctl --json check acme.example
is "a private address" "$(state) $(probe "['fault']")" "unknown private-address"
has "a private address: the sentence" "$(explanation)" "10.255.255.1 is private"
# without the key service everything but the login is as before
look "UPDATE domain SET smarthost_id = (SELECT id FROM smarthost WHERE host = 'submission.acme.example')" > /dev/null
echo "keys { socket = \"$HOUSE/nobody\" }" >> "$SENDERCTL_CONFIG"
run senderctl --json check acme.example
is "without the key service" "$(state) $(probe "['login']")" "match no-service"
has "it is said that nobody logged in" "$(explanation)" "the key service does not answer"
finish
