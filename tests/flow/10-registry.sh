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

# ---- retire

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

finish
