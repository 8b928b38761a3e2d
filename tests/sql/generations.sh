#!/bin/bash
# Generations: what was made and acknowledged stays, and decides what a key may wait for.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh"
house_up

senderctl provider add lms --title lms --hosting-domain lms.vendor.example \
	--default-sender no@lms.vendor.example --spf-host _spf.lms.vendor.example > /dev/null
for relay in mx1 mx2; do
	senderctl relay add lms/$relay --helo $relay.lms.vendor.example --address 192.0.2.1 > /dev/null
done
provider=$(look "SELECT provider_id FROM provider")
one=$(look "SELECT id FROM relay WHERE name = 'mx1'") two=$(look "SELECT id FROM relay WHERE name = 'mx2'")

# make RELAY NUMBER STAGED ACTIVE, ack RELAY NUMBER
make() {
	look "INSERT INTO generation (provider_id, relay_id, number, digest, snapshot_at, staged_keys, active_keys)
	      VALUES ($provider, $1, $2, sha256('$2'), now(), '$3', '$4')"
}
ack() { look "INSERT INTO generation_ack (provider_id, relay_id, number) VALUES ($provider, $1, $2)" 2>&1; }
without() { look "SELECT relays_without_key($provider, $1)"; }
signing() { look "SELECT relays_signing_with_key($provider, $1)"; }
ended() { look "SELECT key_signing_ended($provider, $1) IS NOT NULL"; }

is "a key that was never handed out is on no relay" "$(without 7)" "{mx1,mx2}"
make "$one" 1 '{7}' '{}'
is "handed out is not yet held" "$(without 7)" "{mx1,mx2}"
ack "$one" 1 > /dev/null
is "an acknowledgement says who holds it" "$(without 7)" "{mx2}"
make "$two" 1 '{7}' '{}'; ack "$two" 1 > /dev/null
is "when all have said so, nobody is missing" "$(without 7)" "{}"

make "$one" 2 '{7,8}' '{7}'
is "a generation on its way may already sign" "$(signing 7)" "{mx1}"
ack "$one" 2 > /dev/null
make "$one" 3 '{7,8}' '{8}'
is "the last word counts: it still signs with the old key" "$(signing 7)" "{mx1}"
is "and signing has not ended" "$(ended 7)" f
ack "$one" 3 > /dev/null
is "until the relay says that it runs the next one" "$(signing 7) $(ended 7)" "{} t"
ack "$one" 2 > /dev/null
is "a relay that goes back to an older one signs with the old key again" "$(signing 7)" "{mx1}"
ack "$one" 3 > /dev/null
senderctl relay retire lms/mx2 > /dev/null
is "a retired relay is not waited for" "$(without 8)" "{}"

has "a generation that was never made is not acknowledged" "$(ack "$one" 99)" generation_ack_known
has "a relay signs with nothing that it does not hold" "$(make "$one" 4 '{7}' '{8}' 2>&1)" \
	generation_signs_with_what_it_holds
has "a number is given once" "$(make "$one" 3 '{}' '{}' 2>&1)" generation_pkey
for change in "UPDATE generation SET senders = 1" "DELETE FROM generation" \
	"UPDATE generation_ack SET number = 1" "DELETE FROM generation_ack"; do
	has "what happened stays: ${change%% SET*}" "$(look "$change" 2>&1)" "append-only"
done
finish
