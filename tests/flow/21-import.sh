#!/bin/bash
# Good input: whole files in, the same file again, differences, and what is missing.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh"
house_up
cd "$HOUSE" || exit 99
examples=$top_srcdir/doc/examples

refused "without a provider there is nothing to import into" 4 "there is no provider yet" \
	senderctl import "$examples/clients.csv"

run senderctl import "$examples/vendor.json" --dry-run --json
status_is "a dry run of the example vendor" 0
is "would add eight senders" "$(field "$output" '["counts"]["sender"]["added"]')" 8
is "and leaves nothing behind" "$(look 'SELECT count(*) FROM provider')" 0

run senderctl import "$examples/vendor.json"
status_is "the example vendor" 0
is "is there, in every mode" "$(look "SELECT string_agg(DISTINCT mode, ' ' ORDER BY mode) FROM domain")" \
	"direct hosted on-premises relayed"
is "with a domain in A-labels" "$(look "SELECT name FROM domain WHERE name ^@ 'xn--'")" \
	"xn--stadtwerke-mhlental-hbc.example"
is "its direct domain leaves through the client's only smarthost" \
	"$(look "SELECT s.host || ':' || s.port FROM domain d JOIN smarthost s ON s.id = d.smarthost_id")" \
	"submission.nordbank.example:587"
is "senders are tied to their sites" "$(look 'SELECT count(*) FROM sender WHERE site_id IS NULL')" 0
is "each client has its event" "$(look "SELECT count(*) FROM event WHERE what = 'client.import'")" 5
is "the import has one, with the file's fingerprint" \
	"$(look "SELECT detail ->> 'sha256' FROM event WHERE what = 'import'")" \
	"$(sha256sum < "$examples/vendor.json" | cut -d' ' -f1)"

events=$(look 'SELECT count(*) FROM event')
run senderctl import "$examples/vendor.json"
has "the same file again changes nothing" "$output" "nothing was changed"
is "not even an event" "$(look 'SELECT count(*) FROM event')" "$events"

run senderctl import "$examples/clients.csv"
status_is "the example in CSV, for the only provider" 0
is "a quoted comma stays" "$(look "SELECT contact FROM client WHERE name = 'delta'")" "Delta IT, it@delta.example"
is "a sender lists its logins" \
	"$(look "SELECT string_agg(l.name, ' ' ORDER BY l.name) FROM sender_login sl JOIN login l ON l.id = sl.login_id
	         JOIN sender s ON s.id = sl.sender_id WHERE s.address = 'safety@delta.example'")" "delta-app delta-batch"
is "port 465 speaks TLS from the first octet" "$(look "SELECT tls FROM smarthost WHERE port = 465")" implicit
run senderctl import "$examples/clients.csv" --json
is "again, in JSON" "$(field "$output" '["changed"]')" False

# ---- a manager may import what names the provider, as long as it says nothing new of it
look "CREATE ROLE mara; GRANT mara TO \"$(id -un)\"" > /dev/null
look "SELECT format('GRANT %I, %I TO mara', role('manager'), role('prov_' || provider_id)) FROM provider" > "$HOUSE/grant"
look "$(cat "$HOUSE/grant")" > /dev/null
printf "database { connection = \"host=%s dbname=senderctl options='-c role=mara'\" }\n" \
	"$SENDERCTL_STATE/run/db" > mara.conf
run senderctl --config mara.conf import "$examples/vendor.json"
has "a manager imports the vendor's file" "$output" "nothing was changed"
sed 's/Vendor Learning/Something else/' "$examples/vendor.json" > other.json
refused "but may not change the provider with it" 4 "providers[0]" senderctl --config mara.conf import other.json

# ---- the ways in which spreadsheets write
printf '\xef\xbb\xbfClient;Title;Sender;Mode;Display Name\r\nexcel;"Müller & ""Söhne""; KG";Büro@x.example;relayed;x\r\n' > excel.csv
run senderctl import excel.csv
has "a finding behind a BOM, in CRLF and semicolons" "$complaint" 'line 2, column 3 "sender": column 2: "ü" before the @'
printf '\xef\xbb\xbfClient;Title;Sender;Mode;Display Name\r\nexcel;"Müller & ""Söhne""; KG";Buero@MÜLLER.example.;Relayed;Büro\r\n;;;;\r\n\r\n' > excel.csv
run senderctl import excel.csv
status_is "BOM, CRLF, semicolons, doubled quotes, empty lines" 0
is "the title" "$(look "SELECT title FROM client WHERE name = 'excel'")" 'Müller & "Söhne"; KG'
is "the address" "$(look "SELECT address FROM sender WHERE address ^@ 'buero@'")" buero@xn--mller-kva.example
printf 'client\ttitle\ntabs\tTabs\\N and \\t stay' > tabs.csv
run senderctl import tabs.csv
status_is "tabs, and no newline at the end" 0
is "a backslash is a backslash" "$(look "SELECT title FROM client WHERE name = 'tabs'")" 'Tabs\N and \t stay'

printf 'client,title,sender,mode\nalike,Alike,a@аcme.example,relayed\n' > alike.csv
run senderctl import alike.csv --dry-run
has "a domain that looks like another is warned of, with its line" "$output" "warning: line 2: xn--cme-5cd.example:"

# ---- differences
printf 'client,title,reply_to\nexcel,Müller KG,office@xn--mller-kva.example\ntabs,,\n' > change.csv
run senderctl import change.csv --dry-run
has "a difference is shown with both sides" "$output" 'title: Müller & "Söhne"; KG -> Müller KG'
has "and its line" "$output" "(line 2)"
has "what is not said stays" "$output" "1 unchanged"
run senderctl import change.csv
is "and made" "$(look "SELECT title || ' ' || reply_to FROM client WHERE name = 'excel'")" \
	"Müller KG office@xn--mller-kva.example"
cat > null.json <<'END'
{ "provider": "lms", "clients": [ { "name": "excel", "reply_to": null,
  "senders": [ { "address": "buero@müller.example", "mode": "on-premises", "display_name": null } ] } ] }
END
run senderctl import null.json
status_is "null takes away, a mode may change" 0
is "so it is" "$(look "SELECT c.reply_to IS NULL, s.display_name IS NULL, d.mode FROM client c
	JOIN sender s ON s.client_id = c.id JOIN domain d ON d.name = s.domain WHERE c.name = 'excel'")" "t|t|on-premises"

# ---- all that shall be
run senderctl apply "$examples/vendor.json"
status_is "apply shows what is missing in the file" 0
has "by name" "$output" "client tabs"
is "and retires nothing" "$(look 'SELECT count(*) FROM client WHERE retired_at IS NOT NULL')" 0
refused "pruning asks first" 4 "not confirmed" senderctl apply "$examples/vendor.json" --prune
is "and did nothing" "$(look 'SELECT count(*) FROM sender WHERE retired_at IS NOT NULL')" 0
run senderctl apply "$examples/vendor.json" --prune --yes
status_is "confirmed, it retires" 0
is "the clients that are not in the file" "$(look "SELECT string_agg(name, ' ' ORDER BY name) FROM client WHERE retired_at IS NOT NULL")" \
	"delta eiche excel fabrik tabs"
is "their senders too" "$(look "SELECT count(*) FROM sender WHERE retired_at IS NULL")" 8
run senderctl apply "$examples/vendor.json" --prune --yes
has "and again there is nothing to do" "$output" "nothing was changed"
refused "what is retired does not come back by itself" 2 "this client is retired" senderctl import tabs.csv
finish
