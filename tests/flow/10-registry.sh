#!/bin/bash
# The registry: every noun is added, changed, shown, listed and retired; what is wrong is refused
# with a sentence, and a change that was only tried leaves nothing behind.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh"
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"
house_up

events() { look 'SELECT count(*) FROM event'; }

# ---- provider

vendor() { # NAME
	senderctl provider add "$1" --title "Vendor $1" --hosting-domain "$1.vendor.example" \
		--default-sender "noreply@$1.vendor.example" --spf-host "_spf.$1.vendor.example"
}
ok "a provider is added" vendor lms
ok "and a second one" vendor hr
refused "a name is given once" 4 "there is a provider of that name already" vendor lms
refused "a title is needed" 2 "--title is missing" senderctl provider add x
run senderctl provider set lms --publish-margin '2 s' --linger '1.5 s' --publish-probes 2 \
	--dkim-publish cname --ed25519 yes --escrow-policy none --rotate-every '90 days' --json
status_is "its policies are set" 0
is "the answer says what changed" \
	"$(field "$output" '["difference"]["dkim_publish"]')" "{'from': 'txt', 'to': 'cname'}"
run senderctl provider set lms --dkim-publish cname --json
is "setting what is so changes nothing" "$(field "$output" '["changed"]')" False
run senderctl provider show lms --json
is "a policy is kept" "$(field "$output" '["linger"]')" 00:00:01.5
cat > "$HOUSE/policy.json" <<'END'
{ "providers": [ { "name": "lms", "degrade_grace": "2 hours", "keep_observations": "400 days", "clients": [] } ] }
END
run senderctl import "$HOUSE/policy.json"
status_is "a file may set the grace, and how long observations are kept" 0
run senderctl provider show lms --json
is "and so it is" "$(field "$output" '["degrade_grace"]') $(field "$output" '["keep_observations"]')" "02:00:00 400 days"
run senderctl import "$HOUSE/policy.json" --json
is "the same file changes nothing" "$(field "$output" '["changed"]')" False
sed -i 's/2 hours/02:00:00/' "$HOUSE/policy.json"
run senderctl import "$HOUSE/policy.json" --json
is "nor does what show says, put into a file" "$(field "$output" '["changed"]')" False
run senderctl provider list --json
is "providers are listed" "$(field "$output" '[1]["provider"]')" lms
refused "probes have a number" 4 "a key is looked at 1 to 100 times" senderctl provider set lms --publish-probes 0
refused "a span of time is one" 2 "linger: \"soon\" is not a span of time" \
	senderctl provider set lms --linger soon
refused "there is no such provider" 4 "no such provider" senderctl provider show nobody

# ---- relay

run senderctl relay add mx1 --provider lms --helo MX1.lms.vendor.example \
	--address 192.0.2.25 --address 2001:DB8:25:0::1 --json
status_is "a relay is added" 0
is "its addresses in one spelling" "$(field "$output" '["addresses"]')" "['192.0.2.25', '2001:db8:25::1']"
is "and its name" "$(field "$output" '["helo"]')" mx1.lms.vendor.example
refused "a relay needs an address" 2 "--address is missing" \
	senderctl relay add mx2 --provider lms --helo mx2.vendor.example
refused "an address is one host" 2 "is not an IP address" \
	senderctl relay add mx2 --provider lms --helo mx2.vendor.example --address 192.0.2.0/24
refused "a relay is somebody's" 2 "does not say of which provider" \
	senderctl relay add mx2 --helo mx2.vendor.example --address 192.0.2.1
ok "another provider may use the name" senderctl relay add hr/mx1 --helo mx1.hr.vendor.example \
	--address 192.0.2.26
refused "then the name alone is not enough" 4 "known more than once: hr, lms" senderctl relay show mx1
run senderctl relay set lms/mx1 --address 192.0.2.27 --signer rspamd --json
is "a list of addresses replaces the former" "$(field "$output" '["addresses"]')" "['192.0.2.27']"
run senderctl relay list --provider lms --json
is "relays are listed" "$(field "$output" '[0]["relay"]')" mx1

senderctl relay keygen --identity "$HOUSE/identity" --json > "$HOUSE/keygen"
identity=$(field "$(cat "$HOUSE/keygen")" '["identity"]')
fingerprint=$(field "$(cat "$HOUSE/keygen")" '["fingerprint"]')
refused "a relay with another fingerprint is not enrolled" 4 "" \
	senderctl relay enrol lms/mx1 "$identity" --fingerprint wrong-wrong
run senderctl relay enrol lms/mx1 "$identity" --fingerprint "$fingerprint" --json
is "the right one is" "$(field "$output" '["fingerprint"]')" "$fingerprint"

# ---- client

ok "a client is added" senderctl client add lms/acme --title "Acme Ltd" --contact it@acme.example
ok "each provider may have its own" senderctl client add hr/acme --title "Acme Ltd"
refused "but one only once" 4 "has a client of that name already" \
	senderctl client add lms/acme --title "Acme again"
refused "a client is somebody's" 2 "does not say of which provider" senderctl client add birke
refused "a name is a short name" 2 "may not stand here" senderctl client add 'lms/Acme Ltd'
refused "two have that name" 4 "known more than once: hr/acme, lms/acme" senderctl client show acme
run senderctl client set lms/acme --contact "" --language en --json
is "an empty value takes one away" "$(field "$output" '["contact"]')" None
refused "but a title stays" 2 "title cannot be empty" senderctl client set lms/acme --title ""
refused "a language is one we speak" 2 "there is no \"fr\" here" senderctl client set lms/acme --language fr
before=$(events)
run senderctl client set lms/acme --title "Never" --dry-run
has "a dry run shows the change" "$output" '"Acme Ltd" -> "Never"'
is "and leaves nothing behind" "$(events)" "$before"

# ---- retire, before anything hangs on it

ok "a client is retired" senderctl client retire hr/acme --why "moved to lms"
run senderctl client list --json
is "it is no longer listed" "$(field "$output" '.__len__()')" 1
run senderctl client list --retired --json
is "unless one asks" "$(field "$output" '.__len__()')" 2
run senderctl client show acme --json
is "its name alone now means the other" "$(field "$output" '["provider"]')" lms
refused "nothing is changed in a retired one" 4 "hr/acme is retired" \
	senderctl client set hr/acme --title X
refused "twice is once too often" 4 "is retired already" senderctl client retire hr/acme
run senderctl client set hr/acme --reactivate
status_is "it can be brought back" 0
refused "a provider stays while it is needed" 4 "lms is still needed by 2: client acme, relay mx1" \
	senderctl provider retire lms
is "each change has its event" "$(look "SELECT string_agg(what, ' ' ORDER BY id) FROM event
	WHERE subject = 'hr/acme'")" "client.add client.retire client.reactivate"
is "and its reason" "$(look "SELECT why FROM event WHERE what = 'client.retire'")" "moved to lms"

# ---- site

ok "a URL is added" senderctl site add lms/acme HTTPS://Learn.ACME.example/ --audience employees
run senderctl site show learn.acme.example --json
is "found by its host, in one spelling" "$(field "$output" '["site"]')" https://learn.acme.example/
refused "one per host" 4 "has a URL on that host already" \
	senderctl site add lms/acme https://learn.acme.example/2
senderctl client add lms/birke --title "Klinikum Birkenau" > /dev/null
refused "one client per URL" 4 "this URL is registered already" \
	senderctl site add lms/birke https://learn.acme.example/
refused "a URL has a scheme" 2 "is not a URL" senderctl site add lms/acme learn.acme.example
refused "and visible characters" 2 "" senderctl site add lms/acme 'https://learn.acme.example/a b'
run senderctl site set learn.acme.example --url https://academy.acme.example/ --audience "" --json
is "it moves" "$(field "$output" '["host"]')" academy.acme.example
run senderctl site list --client lms/acme --json
is "and is listed" "$(field "$output" '[0]["audience"]')" None

# ---- login

ok "a login is added" senderctl login add lms/acme acme-app
ok "and one of somebody else" senderctl login add lms/birke birke-app
refused "a login is one client's" 4 "has a login of that name already" senderctl login add lms/birke acme-app
run senderctl login list --client lms/birke --json
is "logins are listed" "$(field "$output" '[0]["login"]')" birke-app
ok "one goes" senderctl login retire birke-app
run senderctl login show birke-app --json
like "and is known as retired" "$(field "$output" '["retired_at"]')" ^2
ok "and comes back" senderctl login set birke-app --reactivate
refused "without blanks" 2 "may not stand here" senderctl login add lms/acme 'acme app'

# ---- sender

refused "the first sender of a domain says its mode" 2 "acme.example is new: its mode must be said" \
	senderctl sender add lms/acme claim@acme.example
run senderctl sender add lms/acme Claim@ACME.example --mode relayed --site academy.acme.example \
	--login acme-app --reply-to desk@acme.example --name "Acme Claims" --json
status_is "a sender is added" 0
is "in lower case" "$(field "$output" '["sender"]')" claim@acme.example
is "with its site" "$(field "$output" '["site"]')" https://academy.acme.example/
is "and its login" "$(field "$output" '["logins"]')" "['acme-app']"
is "its domain came with it" "$(look "SELECT string_agg(what, ' ' ORDER BY id) FROM event
	WHERE subject ~ 'acme.example$' AND what !~ 'site'")" "domain.add sender.add"
refused "the same sender twice" 4 "claim@acme.example is a sender of lms/acme already" \
	senderctl sender add lms/acme CLAIM@acme.example
ok "a second one needs no mode" senderctl sender add lms/acme news@acme.example
refused "another mode is refused" 4 "acme.example is relayed" \
	senderctl sender add lms/acme third@acme.example --mode direct
refused "a domain of another client" 4 "acme.example belongs to lms/acme" \
	senderctl sender add lms/birke info@acme.example
has "with the way out" "$complaint" "senderctl domain share acme.example lms/birke"
ok "the other provider is another world" senderctl sender add hr/acme jobs@acme.example --mode relayed
refused "somebody else's login" 4 "login birke-app belongs to lms/birke" \
	senderctl sender set news@acme.example --provider lms --login birke-app
run senderctl sender set claim@acme.example --login "" --reply-to "" --json
is "an empty login opens it to all of the client's" "$(field "$output" '["logins"]')" "[]"
refused "a public mailbox cannot be relayed" 4 "gmx.de is a public mailbox service" \
	senderctl sender add lms/birke klinik@gmx.de --mode relayed
has "the default sender with a Reply-To can" "$complaint" \
	"noreply@lms.vendor.example and Reply-To: klinik@gmx.de"
refused "a hosted sender needs its URL" 4 "is not the host of one of lms/birke's URLs" \
	senderctl sender add lms/birke info@birke.lms.vendor.example --mode hosted
has "and how" "$complaint" "senderctl site add lms/birke https://birke.lms.vendor.example/"
senderctl site add lms/birke https://birke.lms.vendor.example/ > /dev/null
run senderctl sender add lms/birke info@birke.lms.vendor.example --mode hosted --json
is "then it stands there" "$(field "$output" '["site"]')" https://birke.lms.vendor.example/
refused "a broken address" 2 "column" senderctl sender add lms/acme 'a b@acme.example' --mode relayed

# what an exported table must never hold
before=$(events)
x64=$(printf 'x%.0s' {1..64}) d63=$(printf 'd%.0s' {1..63})
for bad in $'a\nb@acme.example' 'a#b@acme.example' 'a%s@acme.example' "a\$b@acme.example" 'a:b@acme.example' \
	'"a"@acme.example' $'a\u202eb@acme.example' "x$x64@acme.example" "a@$d63.$d63.$d63.$d63.example" \
	'a@acme..example' 'a@-acme.example' 'a@acme' '@acme.example' 'a@b@acme.example' 'a@[192.0.2.1]'; do
	refused "refused: $(printf %q "${bad:0:30}")" 2 "" senderctl sender add lms/acme "$bad" --mode on-premises
done
is "and nothing of it is stored" "$(events)" "$before"

run senderctl sender add lms/birke info@müller.example --mode relayed --json
is "names are A-labels inside" "$(field "$output" '["sender"]')" info@xn--mller-kva.example
is "and U-labels beside" "$(field "$output" '["unicode"]')" info@müller.example
run senderctl sender show info@Müller.example
has "people read what they wrote" "$output" info@müller.example
run senderctl status lms/birke
has "in the overview too" "$output" info@müller.example
run senderctl sender add lms/birke info@аcme.example --mode relayed --json
like "a look-alike is told" "$(field "$output" '["warnings"]')" .
run senderctl sender add lms/birke info2@аcme.example
has "to people too" "$output" warning:
before=$(events)
run senderctl sender add lms/acme dry@dry.example --mode relayed --dry-run
status_is "a dry run" 0
refused "adds nothing" 4 "no such sender" senderctl sender show dry@dry.example
is "and tells no story" "$(events)" "$before"

for i in 1 2; do
	senderctl sender add lms/acme race@race.example --mode relayed > "$HOUSE/race.$i" 2>&1 &
	race[i]=$!
done
wait "${race[1]}"; a=$?
wait "${race[2]}"; b=$?
is "two at once: one wins, one is told" "$((a + b))" 4
has "why" "$(cat "$HOUSE"/race.*)" "is a sender of lms/acme already"

# ---- domain

run senderctl domain show acme.example --provider lms --json
is "a domain has its mode" "$(field "$output" '["mode"]')" relayed
run senderctl domain set acme.example --provider lms --envelope-domain bounce.acme.example \
	--no-dkim --dkim-publish txt --json
is "and facts" "$(field "$output" '["envelope_domain"]')" bounce.acme.example
is "that change" "$(field "$output" '["dkim"]')" False
refused "an envelope domain lies below" 4 "is the sender domain itself or lies below it" \
	senderctl domain set acme.example --provider lms --envelope-domain bounce.example
run senderctl domain set acme.example --provider lms --envelope-domain "" --dkim yes --dkim-publish "" --json
is "and go" "$(field "$output" '["envelope_domain"]')" None
refused "several providers know it" 4 "known more than once" senderctl domain show acme.example
run senderctl domain share acme.example lms/birke --why "one group" --json
is "a domain is shared" "$(field "$output" '["shared"]')" "['lms/birke']"
refused "once" 4 "is shared with lms/birke already" senderctl domain share acme.example lms/birke
ok "then its senders may be there" senderctl sender add lms/birke info@acme.example
refused "and keep the share" 4 "has or had senders in acme.example: sender info@acme.example" \
	senderctl domain unshare acme.example lms/birke
run senderctl domain list --provider hr --json
is "domains are listed" "$(field "$output" '[0]["domain"]')" acme.example
ok "a share that nobody used" senderctl domain share race.example lms/birke
ok "is taken back" senderctl domain unshare race.example lms/birke
refused "what is not shared cannot be" 4 "race.example is not shared with lms/birke" \
	senderctl domain unshare race.example lms/birke
refused "between providers nothing is shared" 4 "no such sender domain" \
	senderctl domain share race.example hr/acme

# ---- waive

run senderctl sender waive claim@acme.example --purpose spf --reason "their server lets us in" --json
is "a requirement is waived, with its reason" "$(field "$output" '["waived"]')" \
	"['spf: their server lets us in']"
refused "once" 4 "this requirement is waived already" \
	senderctl sender waive claim@acme.example --purpose spf --reason again
refused "and never without one" 2 "--reason is missing" \
	senderctl sender waive claim@acme.example --purpose dkim
ok "and counts again" senderctl sender unwaive acme.example --provider lms --purpose spf
refused "if it was waived" 4 "spf of acme.example is not waived" \
	senderctl sender unwaive acme.example --provider lms --purpose spf

# ---- smarthost

run senderctl smarthost add lms/acme SMTP.acme.example --user vendor --json
status_is "a smarthost is added" 0
is "with its port" "$(field "$output" '["smarthost"]')" smtp.acme.example:587
is "its TLS" "$(field "$output" '["tls"]')" starttls
is "and no password yet" "$(field "$output" '["password"]')" False
refused "once" 4 "this client has that smarthost already" \
	senderctl smarthost add lms/acme smtp.acme.example --user vendor
printf 'a-very-secret-word\n' > "$HOUSE/password"
run senderctl smarthost add lms/birke mail.birke.example --port 465 --user vendor --ca birke \
	--password-file "$HOUSE/password" --json
is "port 465 speaks TLS at once" "$(field "$output" '["tls"]')" implicit
is "the key service has the password" "$(field "$output" '["password"]')" True
has_not "which stands nowhere in the registry" "$(look 'SELECT detail FROM event')" a-very-secret-word
run bash -c "printf 'word\n' | senderctl smarthost add lms/birke mail2.birke.example --user v --password-file -"
status_is "a password may come by standard input" 0
before=$(events)
refused "a password that is not there stores nothing" 3 "cannot open" \
	senderctl smarthost add lms/birke mail3.birke.example --user v --password-file "$HOUSE/nothing"
run senderctl smarthost add lms/birke mail3.birke.example --user v --dry-run
is "nor does a dry run" "$(events)" "$before"
refused "a port is one" 4 "a port is a number from 1 to 65535" \
	senderctl smarthost add lms/acme smtp2.acme.example --user v --port 70000
refused "a user has no newline" 2 "control character" \
	senderctl smarthost add lms/acme smtp2.acme.example --user $'v\nw'
run senderctl smarthost set lms/birke mail2.birke.example --port 2525 --user other --json
is "it changes" "$(field "$output" '["smarthost"]')" mail2.birke.example:2525
run senderctl sender add lms/acme direct@direct.example --mode direct --json
status_is "a direct sender" 0
is "takes the client's only smarthost" "$(field "$(senderctl domain show direct.example --json)" \
	'["smarthost"]')" smtp.acme.example:587
refused "a domain has one" 4 "direct.example leaves through smtp.acme.example:587" \
	bash -c "senderctl smarthost add lms/acme two.acme.example --user v > /dev/null &&
		senderctl sender add lms/acme more@direct.example --smarthost two.acme.example"
run senderctl domain set direct.example --smarthost two.acme.example --json
is "it can be exchanged" "$(field "$output" '["smarthost"]')" two.acme.example:587
refused "another client's cannot be used" 4 "no such smarthost" \
	senderctl domain set direct.example --smarthost mail.birke.example
refused "only direct domains have one" 4 "only a domain in mode direct has a smarthost" \
	senderctl domain set race.example --smarthost two.acme.example
refused "a smarthost stays while a domain needs it" 4 "is still needed by 1: domain direct.example" \
	senderctl smarthost retire lms/acme two.acme.example
ok "the other one goes" senderctl smarthost retire lms/acme smtp.acme.example
refused "and is not used any more" 4 "smtp.acme.example:587 is retired" \
	senderctl domain set direct.example --smarthost smtp.acme.example
run senderctl smarthost show lms/acme two.acme.example
has "people read it" "$output" two.acme.example:587
run senderctl smarthost list --client lms/acme --json
is "the list has what is in use" "$(field "$output" '[0]["domains"]')" "['direct.example']"
run senderctl domain set direct.example --mode relayed --json
is "with another mode the smarthost is gone" "$(field "$output" '["smarthost"]')" None
senderctl sender retire direct@direct.example > /dev/null

# ---- what customers refer to stays: as check saw it, or as the last sheet says

look "INSERT INTO verdict (provider_id, domain_id, purpose, name, type, state, found)
	SELECT provider_id, id, 'spf', name, 'TXT', 'match',
	       'v=spf1 mx ?IP6:2001:DB8:0:0::25 +ip4:192.0.2.25/32 ip4:1.2.3 Include:_SPF.lms.vendor.example. -all'
	  FROM domain WHERE name = 'race.example'"
ok "addresses come" senderctl relay set lms/mx1 --address 192.0.2.25 --address 2001:db8::25 --address 192.0.2.26
refused "an address that a customer lists is not given up" 4 "domain race.example (192.0.2.25)" \
	senderctl relay set lms/mx1 --address 192.0.2.26 --address 2001:db8::25
refused "however it is spelt" 4 "domain race.example (2001:db8::25)" \
	senderctl relay set lms/mx1 --address 192.0.2.26 --address 192.0.2.25
ok "others go" senderctl relay set lms/mx1 --address 192.0.2.25 --address 2001:db8::25
cat > "$HOUSE/withdraw.json" <<-'END'
	{ "providers": [ { "name": "lms", "relays": [ { "name": "mx1", "addresses": ["192.0.2.26"] } ] } ] }
END
refused "nor by a file" 4 "domain race.example (192.0.2.25)" senderctl import "$HOUSE/withdraw.json"
is "and nothing is half done" "$(field "$(senderctl relay show lms/mx1 --json)" '["addresses"]')" \
	"['192.0.2.25', '2001:db8::25']"
ok "a second relay comes" senderctl relay add lms/mx9 --helo mx9.vendor.example --address 192.0.2.25
refused "nor is it retired" 4 "domain race.example (2001:db8::25)" senderctl relay retire lms/mx1
ok "what another relay has, too, may go" senderctl relay retire lms/mx9
refused "an include host that a customer names stays" 4 "domain race.example" \
	senderctl provider set lms --spf-host _spf2.lms.vendor.example
look "DELETE FROM verdict"
ok "when it is gone, the host may change" senderctl provider set lms --spf-host _spf2.lms.vendor.example
ok "and change back" senderctl provider set lms --spf-host _spf.lms.vendor.example

# ---- retire

refused "a client stays while it is needed" 4 "login birke-app" senderctl client retire lms/birke
has "all of it is listed" "$complaint" "sender info@birke.lms.vendor.example"
refused "a site stays while senders are hosted there" 4 \
	"is still needed by 1: sender info@birke.lms.vendor.example" \
	senderctl site retire birke.lms.vendor.example
refused "a domain stays while senders are in it" 4 "sender race@race.example" \
	senderctl domain retire race.example
refused "the last relay stays while there are senders" 4 "relay lms/mx1 is still needed by" \
	senderctl relay retire lms/mx1
senderctl sender set news@acme.example --login acme-app > /dev/null
refused "a login stays while senders list it" 4 "login acme-app is still needed by 1: sender news@acme.example" \
	senderctl login retire acme-app
ok "a sender is retired" senderctl sender retire race@race.example --why "wrong address"
ok "then its domain" senderctl domain retire race.example
refused "a retired domain takes no senders" 4 "race.example is retired" \
	senderctl sender add lms/acme other@race.example
refused "nor does it bring one back" 4 "race.example is retired" \
	senderctl sender set race@race.example --reactivate
ok "first the domain" senderctl domain set race.example --reactivate
ok "then the sender" senderctl sender set race@race.example --reactivate
run senderctl sender list --client lms/acme --json
is "senders are listed" "$(field "$output" '.__len__()')" 3

finish
