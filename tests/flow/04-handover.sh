#!/bin/bash
# Sheets: issued once, numbered, never changed; and what the customer says.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

not() { ! "$@"; }

house_up
run senderctl import "$top_srcdir/doc/examples/vendor.json"
status_is "the example vendor is imported" 0
refused "nothing was issued yet" 4 "no sheet was issued" senderctl handover show lms/acme
refused "a sheet is for a client" 2 "a client is wanted" senderctl handover issue acme.example
run senderctl key generate --all
state() { look "SELECT string_agg(DISTINCT dkim_key_state(k), ' ') FROM dkim_key k JOIN domain d ON d.id = k.domain_id WHERE d.name = 'acme.example'"; }
is "a new key is nobody's yet" "$(state)" generated

run senderctl --dry-run handover issue lms/acme --output "$HOUSE/sheets"
status_is "a dry run says what would be" 0
has "in a sentence" "$output" "would issue sheet no. 1"
is "and stores nothing" "$(look 'SELECT count(*) FROM sheet')" 0
ok "nor writes anything" test ! -e "$HOUSE/sheets"

run senderctl handover issue lms/acme --output "$HOUSE/sheets" --json
status_is "a sheet is issued" 0
is "as number 1" "$(field "$output" '["number"]')" 1
is "in the client's language" "$(field "$output" '["language"]')" en
is "as text and as page" "$(cd "$HOUSE/sheets" && echo *)" "lms-acme-0001-en.html lms-acme-0001-en.txt"
is "its key is on the way into DNS" "$(state)" publish-pending
is "and stands on it" "$(look 'SELECT count(*) FROM sheet_key')" 1
is "the issue is in the history" "$(look "SELECT subject || ' ' || what FROM event WHERE what = 'handover.issue'")" \
	"lms/acme handover.issue"
text=$(cat "$HOUSE/sheets/lms-acme-0001-en.txt")
has "the text says what to enter" "$text" "v=spf1 include:_spf.learning.vendor.example ~all"
has "what to do when there is a record already" "$text" "do not add a second one"
has "and the panel's host name" "$text" "(in the zone acme.example)"
ok "the page has no script" not grep -qi '<script' "$HOUSE/sheets/lms-acme-0001-en.html"

cp -r "$HOUSE/sheets" "$HOUSE/before"
pending=$(look "SELECT max(publish_pending_at) FROM dkim_key")
run senderctl handover issue lms/acme --output "$HOUSE/sheets"
status_is "the same again" 0
has "changes nothing and says so" "$output" "nothing was changed"
is "no second sheet" "$(look 'SELECT count(*) FROM sheet')" 1
is "no second moment" "$(look "SELECT max(publish_pending_at) FROM dkim_key")" "$pending"
ok "the same files" diff -r "$HOUSE/before" "$HOUSE/sheets"
run senderctl handover diff lms/acme
status_is "no difference" 0

run senderctl --lang de handover issue lms/acme --output "$HOUSE/sheets" --json
is "another language is another sheet" "$(field "$output" '["number"]')" 2
has "in German" "$(cat "$HOUSE/sheets/lms-acme-0002-de.txt")" "BITTE EINTRAGEN"
has_not "which replaces no English one" "$(cat "$HOUSE/sheets/lms-acme-0002-de.txt")" "ersetzt"

# Something changes: only the difference is news.
look "UPDATE provider SET spf_host = '_spf2.learning.vendor.example'"
run senderctl handover diff lms/acme --from 1 --json
status_is "a difference: exit status 1" 1
is "is one record" "$(field "$output" '[0]["change"]') $(field "$output" '[0]["name"]')" "changed acme.example"
run senderctl handover issue lms/acme
run senderctl handover show lms/acme
has "the next sheet says which one it replaces" "$output" "replaces sheet no. 1"
run senderctl handover show lms/acme --number 1
is "an old sheet is shown as it was" "$output" "$text"
run senderctl handover show lms/acme --number 1 --form html
is "as page, too" "$output" "$(cat "$HOUSE/sheets/lms-acme-0001-en.html")"
run senderctl handover diff lms/acme --from 1 --to 3 --json
is "two sheets are compared" "$(field "$output" '[0]["before"]')" "v=spf1 include:_spf.learning.vendor.example ~all"
run senderctl handover list lms/acme --json
is "three were issued" "$(field "$output" "and [s['number'] for s in json.loads(sys.argv[1])]")" "[3, 2, 1]"
refused "no fourth" 4 "no sheet no. 4" senderctl handover show lms/acme --number 4

run senderctl report-done acme.example --no-check --note "Ms Example, by telephone"
status_is "the customer says that it is done" 0
is "that is noted" "$(look "SELECT note FROM report")" "Ms Example, by telephone"
is "and in the history" "$(look "SELECT count(*) FROM event WHERE what = 'report.done'")" 1
run senderctl report-done lms/acme --no-check --json
is "for all domains of a client" "$(field "$output" '["reported"]')" "['acme.example']"

for change in "UPDATE sheet SET number = 9" "DELETE FROM sheet" "TRUNCATE sheet CASCADE" "DELETE FROM report"; do
	ok "not even the owner may: $change" not look "SET ROLE \"$(look "SELECT role('owner')")\"; $change"
done

# With DNS at hand, names are relative to the zone that is really there.
cat > "$HOUSE/world.json" <<'END'
{"modes": {}, "zones": [
  {"apex": "", "servers": ["127.0.0.9"], "names": ["root"]},
  {"apex": "example", "servers": ["127.0.0.3"], "records": []},
  {"apex": "acme.example", "servers": ["127.0.0.2"], "records": [["acme.example", "TXT", "v=spf1 mx -all"]]}]}
END
names_up
echo "dns { resolvers = {\"127.0.0.1:$port\"} authoritative_port = $port timeout = 1.0 }" > "$SENDERCTL_CONFIG"
run senderctl handover issue lms/acme --dns
run senderctl handover show lms/acme
has "asked, the sheet changes the record that is there" "$output" \
	"new:    v=spf1 mx include:_spf2.learning.vendor.example -all"
has "and names the zone" "$output" "@   (in the zone acme.example)"

for client in $(senderctl status --json | python3 -c 'import json,sys; print(*sorted({s["client"] for s in json.load(sys.stdin)}))'); do
	run senderctl handover issue "$client" --output "$HOUSE/all"
	[ "$status" = 0 ] || status_is "a sheet for $client" 0
done
ok "every client of every mode gets a sheet" test "$(ls "$HOUSE/all" | wc -l)" -ge 10
ok "a new client comes" senderctl client add lms/late --title Late
refused "a folder that cannot be made is known before the sheet is issued" 3 "/proc/sheets" \
	senderctl handover issue lms/late --output /proc/sheets
run senderctl handover list lms/late
has "no sheet is there then" "$output" "nothing to show"

finish
