#!/bin/bash
# monitor: looks again and again, tells what changed and nothing else, and shares the work.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

# A world of DNS in a file; `world SPF [ADDRESS:MODE]` writes it and waits until it is served.
world() {
	world_is python3 - "$@" <<-'END'
	import json, sys
	acme = [['acme.example', 'TXT', sys.argv[1]]] if sys.argv[1] else []
	vendor = [['_spf.learning.vendor.example', 'TXT', 'v=spf1 ip4:192.0.2.25 -all']]
	modes = dict(word.split(':') for word in sys.argv[2:])
	zones = [{'apex': '', 'servers': ['127.0.0.9'], 'names': ['root']},
	         {'apex': 'acme.example', 'servers': ['127.0.0.2'], 'records': acme},
	         {'apex': 'learning.vendor.example', 'servers': ['127.0.0.4'], 'records': vendor}]
	json.dump({'zones': zones, 'modes': modes}, sys.stdout)
	END
}
# The clock goes on: everything is due now.
all_due() { look "UPDATE watch SET due_at = now()$1; NOTIFY senderctl_watch"; }
looks() { look "SELECT sum(looks) FROM watch w JOIN domain d ON d.id = w.domain_id WHERE d.name = 'acme.example'"; }
looked_after() { [ "$(looks)" -gt "$1" ]; }
look_again() {
	local before
	before=$(looks)
	all_due "" && until_true 20 looked_after "$before"
}
changes() { look "SELECT string_agg(kind, ' ' ORDER BY id) FROM change"; }
changes_are() { [ "$(changes)" = "$1" ]; }
mails() { find "$HOUSE/mail" -name '[0-9]*' | wc -l; }
mails_are() { [ "$(mails)" = "$1" ]; }
# The parts of mail N, as a mail program reads it: head or body.
mail() {
	python3 - "$HOUSE/mail/$1" "$2" <<-'END'
	import email, email.policy, sys
	with open(sys.argv[1], 'rb') as file:
	    mail = email.message_from_binary_file(file, policy=email.policy.default)
	assert not mail.defects, mail.defects
	print(mail[sys.argv[2]] if sys.argv[2] != 'body' else mail.get_content(), end='')
	END
}

house_up
mkdir "$HOUSE/mail" "$HOUSE/hook"
run senderctl import "$top_srcdir/tests/lib/acme.json"
status_is "a vendor with one client is imported" 0
run senderctl sender waive academy@acme.example --purpose dkim --reason "their gateway signs"
run senderctl sender waive academy@acme.example --purpose site --reason "not here"
is "a new domain is to be looked at within the hour" \
	"$(look "SELECT count(*) FROM watch WHERE due_at BETWEEN now() AND now() + interval '1 hour'")" 1

world ""
names_up
background hook python3 "$top_srcdir/tests/lib/hook.py" "$HOUSE/hook"
until_true 10 test -s "$HOUSE/hook/port" || bail "the webhook's receiver does not start"
cat > "$HOUSE/sendmail" <<END
#!/bin/sh
[ ! -e "$HOUSE/mail/broken" ] || { echo "postdrop: warning: the disk is full" >&2; exit 75; }
n=\$(($(printf '%s' "\$(ls $HOUSE/mail/ | grep -c '^[0-9]*\$')") + 1))
printf '%s\n' "\$*" > "$HOUSE/mail/args"
cat > "$HOUSE/mail/new" && mv "$HOUSE/mail/new" "$HOUSE/mail/\$n"
END
chmod 755 "$HOUSE/sendmail"
configure() {
	cat > "$SENDERCTL_CONFIG" <<-END
	dns { resolvers = {"127.0.0.1:$port"} authoritative_port = $port timeout = 1.0 }
	monitor {
		mail_to = {"pm@vendor.example", "ops@vendor.example"} mail_from = "senderctl@vendor.example"
		sendmail = "$HOUSE/sendmail" webhook = "http://127.0.0.1:$(cat "$HOUSE/hook/port")/hook"
		prometheus = "$HOUSE/senderctl.prom" lease = 3
	}
	END
}
configure

run senderctl monitor --dry-run --json
is "a dry run says what is watched, and changes nothing" \
	"$(field "$output" '["domains"]') $(look "SELECT sum(looks) FROM watch")" "1 0"
refused "--for takes seconds" 2 "--for takes whole seconds" senderctl monitor --for soon

note "report-done looks at once, and the monitor tells at the first full match"
background monitor senderctl monitor
monitor=$!
run senderctl report-done lms/acme --note "Ms Example"
status_is "the first look of report-done finds nothing: exit status 1" 1
has "and says what is missing" "$output" "spf"
has "and that a monitor goes on" "$output" "72 hours"
run senderctl --dry-run report-done lms/acme
is "a dry run reports nothing" "$(look "SELECT count(*) FROM report")" 1
is "the next look is due within a minute" \
	"$(look "SELECT due_at < now() + interval '61 seconds' FROM watch")" t
is "nothing is told yet" "$(changes) $(mails)" " 0"
spf='v=spf1 include:_spf.learning.vendor.example -all'
world "$spf"
look_again
ok "the record appears: verified" until_true 20 changes_are verified
ok "that is told at once" until_true 10 mails_are 1
has "the subject says it" "$(mail 1 Subject)" "[lms] acme.example: everything that was agreed on is there"
is "the addresses are arguments behind --" "$(cat "$HOUSE/mail/args")" \
	"-i -f senderctl@vendor.example -- pm@vendor.example ops@vendor.example"
has "and stand in the head" "$(mail 1 To)" "ops@vendor.example"
is "nobody's holiday note answers" "$(mail 1 Auto-Submitted)" auto-generated
run senderctl history acme.example
has "it stands in the history" "$output" "change.verified"
look_again
is "it is told once" "$(changes) $(mails)" "verified 1"

note "servers in trouble change nothing"
for mode in failing refusing silent; do
	world "$spf" 127.0.0.2:$mode
	look_again
	is "$mode: could not tell, which is no change" \
		"$(changes) $(look "SELECT state || ' ' || settled FROM verdict WHERE purpose = 'spf'")" "verified unknown match"
done
is "the next look comes soon, but not at once" \
	"$(look "SELECT due_at BETWEEN now() + interval '1 minute' AND now() + interval '10 minutes' FROM watch")" t

note "a record vanishes"
world ""
look_again
ok "two looks, a negative TTL apart, lose it; nobody has to ask for the second" \
	until_true 20 changes_are "verified lost"
ok "that is told at once" until_true 10 mails_are 2
has "with what is missing" "$(mail 2 body)" "lost: spf acme.example"
has "by client" "$(mail 2 body)" "lms/acme"
has "with what should be there" "$(mail 2 body)" "include:_spf.learning.vendor.example"
look_again
is "still missing is no change" "$(changes) $(mails)" "verified lost 2"
run senderctl status lms/acme
status_is "status knows it" 1
has "and says since when, and until when nothing is withheld" "$output" "lost since"
has_not "it is not degraded yet" "$output" "degraded"
run senderctl provider set lms --degrade-grace "0 s"
run senderctl status lms/acme
has "without grace it is" "$output" degraded
look_again
ok "which is a change of its own" until_true 20 changes_are "verified lost degraded"
world "$spf"
look_again
ok "the record comes back" until_true 20 changes_are "verified lost degraded recovered"
ok "degraded was told at once" until_true 10 mails_are 3

note "the mail of the day"
look "UPDATE channel SET digested_at = now() - interval '1 day'; NOTIFY senderctl_watch"
ok "comes when it is time" until_true 20 mails_are 4
has "with all that changed" "$(mail 4 Subject)" "[lms] 4 changes"
has "what was not urgent too" "$(mail 4 body)" "there again: spf acme.example"
look "UPDATE channel SET digested_at = now() - interval '1 day'; NOTIFY senderctl_watch"
ok "the next day is quiet" until_true 20 mails_are 5
is "that is one line" "$(mail 5 body)" "lms: the one domain as yesterday"
run senderctl provider set lms --language de --degrade-grace "4 hours"
world ""
look_again
ok "the provider speaks German now" until_true 20 mails_are 6
has "the subject has its umlauts" "$(mail 6 Subject)" "verloren: spf acme.example"
has "the reason too" "$(mail 6 body)" "ohne ihn wird der Absender zurückgehalten ab"

note "the webhook"
hooked() { [ "$(find "$HOUSE/hook" -name '[0-9]*.json' | wc -l)" = "$1" ]; }
ok "every change is posted" until_true 20 hooked 5
key=$(python3 -c 'import json, re, sys
print(re.search("key=(.*)", json.load(open(sys.argv[1]))["signature"]).group(1))' "$HOUSE/hook/1.json")
is "the key is the one that relays pin" \
	"$(/usr/bin/python3 -c 'import sys; sys.path.insert(0, sys.argv[1]); import hook; print(hook.public_half(sys.argv[2]).hex())' \
		"$top_srcdir/tests/lib" "$key")" "$(look "SELECT encode(public_key, 'hex') FROM keyd_key WHERE retired_at IS NULL")"
if /usr/bin/python3 -c 'import nacl' 2> /dev/null; then
	notices=$(/usr/bin/python3 "$top_srcdir/tests/lib/hook.py" --verify "$HOUSE/hook" "$key")
	is "every signature is right" "$(grep -c '^good' <<< "$notices") $(grep -vc '^good' <<< "$notices")" "5 0"
	is "each notice has an id of its own" "$(cut -d' ' -f2 <<< "$notices" | sort -u | wc -l)" 5
	is "they come in their order" "$(cut -d' ' -f3 <<< "$notices" | xargs)" "verified lost degraded recovered lost"
	sed -i 's/"body": "ey/"body": "eX/' "$HOUSE/hook/1.json"
	has "a notice that was tampered with is known" \
		"$(/usr/bin/python3 "$top_srcdir/tests/lib/hook.py" --verify "$HOUSE/hook" "$key")" "bad 1.json"
else
	skip "every signature is right" "python3-nacl is not installed"
fi

note "a way that fails"
echo 302 > "$HOUSE/hook/status"; touch "$HOUSE/mail/broken"
world "$spf"; look_again
run senderctl provider set lms --degrade-grace "0 s"
world ""; look_again
problems_are() { [ "$(look "SELECT count(*) FROM channel WHERE problem IS NOT NULL")" = "$1" ]; }
ok "is noted" until_true 20 problems_are 2
run senderctl monitor --status
status_is "monitor --status says so: exit status 1" 1
has "with the program's own words" "$output" "the disk is full"
has "a redirection is not followed" "$output" "HTTP 302"
has "the log has it too" "$(cat "$HOUSE/monitor.log")" "HTTP 302"
has_not "but not the webhook's address" "$(cat "$HOUSE/monitor.log")" "127.0.0.1:$(cat "$HOUSE/hook/port")"
run senderctl doctor
has "doctor says so, too" "$output" "the disk is full"
rm "$HOUSE/hook/status" "$HOUSE/mail/broken"
look "UPDATE channel SET next_at = now(); NOTIFY senderctl_watch"
ok "when it works again, nothing was lost" until_true 20 problems_are 0
is "and nothing comes twice" "$(look "SELECT count(*) FROM change WHERE posted_at IS NULL")" 0

note "numbers for Prometheus"
rm -f "$HOUSE/senderctl.prom"
kill "$monitor"; wait "$monitor" 2> /dev/null
is "SIGTERM ends it well" "$?" 0
like "the file is what its readers want" "$(python3 "$top_srcdir/tests/lib/prometheus.py" "$HOUSE/senderctl.prom")" "^ok [0-9]+$"
prometheus() { python3 "$top_srcdir/tests/lib/prometheus.py" "$HOUSE/senderctl.prom" "$1"; }
is "senders by state" "$(prometheus 'senderctl_senders{provider="lms",state="degraded"}')" 1
is "changes by kind" "$(prometheus 'senderctl_changes_total{provider="lms",change="verified"}')" 1
is "looks" "$(prometheus 'senderctl_looks_total{provider="lms"}')" "$(looks)"
is "looks that could not tell" "$(prometheus 'senderctl_unknown_looks_total{provider="lms"}')" 3
is "nothing went wrong inside" "$(prometheus senderctl_internal_errors_total)" 0

note "the customer's report after 72 hours, certificates, keys"
run senderctl report-done acme.example --no-check
status_is "a report without a look is noted" 0
look "INSERT INTO report (provider_id, client_id, domain_id, at)
	SELECT provider_id, client_id, id, now() - interval '73 hours' FROM domain WHERE name = 'acme.example'"
all_due ""
run senderctl monitor --once
status_is "--once does what is due and ends" 0
has "after 72 hours the customer's report is unmet" "$(changes)" unmet
all_due ""; run senderctl monitor --once
is "once" "$(look "SELECT count(*) FROM change WHERE kind = 'unmet'")" 1

note "many domains, two monitors"
python3 - > "$HOUSE/many.csv" <<'END'
print("client,sender,mode,logins")
for n in range(240):
    print(f"acme,info@d{n}.example,relayed,acme-app")
END
run senderctl import "$HOUSE/many.csv" --provider lms
status_is "240 domains more" 0
all_due ", looks = 0, unsure_looks = 0"
look "UPDATE watch SET looks = 0"
senderctl monitor --once > "$HOUSE/one" 2>&1 & one=$!
senderctl monitor --once > "$HOUSE/two" 2>&1 & two=$!
wait $one; first=$?; wait $two
second=$?
[ "$first $second" = "0 0" ] || note "$(cat "$HOUSE/one" "$HOUSE/two")"
is "both end well" "$first $second" "0 0"
is "every domain was looked at once" "$(look "SELECT min(looks) || ' ' || max(looks) || ' ' || count(*) FROM watch")" "1 1 241"
ok "and both had their share" bash -c "! grep -q '^0 domains' '$HOUSE/one' '$HOUSE/two'"
is "nobody holds anything" "$(look "SELECT count(*) FROM watch WHERE claimed_by IS NOT NULL")" 0

note "one dies"
look "UPDATE watch SET looks = 0, due_at = now()"
senderctl monitor > "$HOUSE/dead" 2>&1 & dead=$!
claimed() { [ "$(look "SELECT count(*) FROM watch WHERE claimed_by IS NOT NULL")" -gt 0 ]; }
ok "a monitor has taken domains" until_true 20 claimed
kill -9 $dead; wait $dead 2> /dev/null
look "UPDATE watch SET claimed_until = now() + interval '2 seconds' WHERE claimed_by IS NOT NULL"
background heir senderctl monitor
heir=$!
all_looked() { [ "$(look "SELECT count(*) FROM watch WHERE looks = 0")" = 0 ]; }
ok "another one takes over what it held" until_true 90 all_looked
is "nothing was lost and nothing done twice" "$(look "SELECT min(looks) || ' ' || max(looks) FROM watch")" "1 1"

stopped() { [ "$(look "SELECT due_at IS NULL FROM watch w JOIN domain d ON d.id = w.domain_id WHERE d.name = 'd7.example'")" = t ]; }
look "UPDATE sender SET retired_at = now() WHERE domain = 'd7.example'; UPDATE domain SET retired_at = now() WHERE name = 'd7.example'"
ok "what is retired is looked at no more" until_true 30 stopped

note "the database goes away"
senderctl down > /dev/null
sleep 1
ok "the monitor stays" kill -0 $heir
senderctl up > /dev/null
before=$(looks)
all_due ""
ok "and goes on when it is back" until_true 30 looked_after "$before"
has "it said what happened" "$(cat "$HOUSE/heir.log")" "the database is there"
kill $heir; wait $heir 2> /dev/null
is "and ends well" "$?" 0
finish
