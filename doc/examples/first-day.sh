#!/bin/sh
# The first day with a made-up vendor, step by step: what ./autogen.sh --quickstart does after the
# build.  Every step is a command that can be typed; the second time nothing is left to do.
#
#   doc/examples/first-day.sh [FOLDER WITH THE PROGRAMS] [something was built: not empty]
set -eu
examples=$(cd "$(dirname "$0")" && pwd)
programs=${1-$PWD/build}
changed=${2-}
day=$programs/first-day

senderctl() { "$programs/senderctl" "$@"; }
say() { printf '%s\n' "$*"; }

# step WHAT COMMAND...: does it and shows the end of what it said; exit status 1 is "done, and
# something is missing", as on a first day
step() {
	what=$1
	shift
	status=0
	"$@" > "$day/said" 2>&1 || status=$?
	if [ $status -gt 1 ]; then
		say "$what: failed"
		cat "$day/said" >&2
		exit $status
	fi
	say "$what:"
	tail -n 5 "$day/said" | sed 's/^/    /'
}
newest() { senderctl history --limit 1 --json 2> /dev/null || true; }

mkdir -p "$day"
# what is missing is started; asked first, because afterwards nothing is missing
senderctl up --dry-run --json | grep -q '"changed": true' && changed=1
step "the embedded environment" senderctl up
senderctl doctor > "$day/doctor.txt" || true
before=$(newest)

step "the vendor, its relay and its clients" senderctl import "$examples/vendor.json"
step "more clients" senderctl import "$examples/clients.csv" --provider lms

# This machine plays the relay, too: its identity, enrolled so that keys can be sealed to it.
if [ ! -e "$day/relay.identity" ]; then
	step "the relay's identity" senderctl relay keygen --identity "$day/relay.identity"
	changed=1
fi
"$programs/senderctl-relay" show --identity "$day/relay.identity" > "$day/relay.public"
identity=$(sed -n 's/^identity //p' "$day/relay.public")
fingerprint=$(sed -n 's/^fingerprint //p' "$day/relay.public")
step "the relay's enrolment" senderctl relay enrol lms/mx1 "$identity" --fingerprint "$fingerprint" --yes
step "a key for every domain we sign" senderctl key generate --all

clients=$(senderctl status --json | sed -n 's/^ *"client": "\([a-z0-9/-]*\)",\{0,1\}$/\1/p' | sort -u)
for client in $clients; do
	step "the sheet for $client" senderctl handover issue "$client" --output "$day/sheets"
done
step "the relay's configuration" senderctl export lms/mx1 --output "$day/relay-mx1"
[ "$(newest)" = "$before" ] || changed=1
rm -f "$day/said"

if [ -z "$changed" ]; then
	say "Everything is there already; nothing was changed."
else
	say "Done.  Nothing goes out yet: none of the made-up customers has published a record."
fi
say ""
senderctl status || true
say ""
say "Where to look:"
say "  $day/sheets          hand-over sheets, as text and as pages, German and English"
say "  $day/relay-mx1       configuration for Postfix and OpenDKIM; keys only in the sealed bundle"
say "  $day/doctor.txt      what this machine lacks"
say "  $programs/senderctl help    every command;  senderctl down  stops database and key service"
