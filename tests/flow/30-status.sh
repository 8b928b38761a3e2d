#!/bin/bash
# Where everybody stands, what happened, and who may work here.
. "$top_srcdir/tests/lib/house.sh"
house_up
ok "a vendor is imported" senderctl import "$top_srcdir/doc/examples/vendor.json"

run senderctl status --json
status_is "something is missing: exit status 1" 1
is "all senders are drafts" "$(python3 -c 'import json,sys; print(sum(s["state"]=="draft" for s in json.loads(sys.argv[1])))' "$output")" 8
is "the keys are those of the contract" "$(python3 -c 'import json,sys; print(",".join(json.loads(sys.argv[1])[0]))' "$output")" \
	client,sender,mode,state,since,reasons
has "and say why" "$output" "no hand-over sheet has been issued yet"

run senderctl --lang de status lms/acme
has "in German too" "$output" "academy@acme.example"
run senderctl status lms/acme --state live
has "nobody is live" "$output" "nothing to show"
refused "an unknown client is not found" 4 "nosuch" senderctl status lms/nosuch

run senderctl handover issue acme
status_is "a sheet is issued; keys are missing on it" 1
run senderctl status acme --json
has "and the state follows" "$output" '"handed-over"'

run senderctl history acme --json
has "the sheet stands in the history" "$output" "handover.issue"
has "with its author" "$output" "\"who\": \"$(id -un)\""
run senderctl history --limit 1 --json
is "the limit holds" "$(python3 -c 'import json,sys; print(len(json.loads(sys.argv[1])))' "$output")" 1
refused "what never happened is not found" 4 "nothing ever happened" senderctl history nobody-and-nothing

look "UPDATE event SET what = 'x'" > "$HOUSE/rewrite" 2>&1
has "the event log cannot be rewritten, not even by the master" "$(cat "$HOUSE/rewrite")" append-only

ok "a manager is let in" senderctl user add mara --role manager --provider lms
run senderctl user list --json
has "and listed" "$output" '"mara"'
refused "an unknown role is refused" 2 "--role" senderctl user add mara --role king
refused "a master role is refused" 4 "rights that no person should work with" senderctl user add senderctl_admin --role manager
refused "a reserved name is refused" 4 "user name" senderctl user add pg_monitor --role manager
ok "a role is taken away" senderctl user revoke mara --role manager --provider lms
run senderctl user list --json
has_not "and is gone" "$output" '"mara"'
refused "revoke must know what" 2 "what to take away" senderctl user revoke mara
finish
