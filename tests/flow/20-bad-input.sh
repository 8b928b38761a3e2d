#!/bin/bash
# Bad input: each row is a file that must be refused with its place, and nothing is stored.
#
#   csv  NAME  STATUS  PART  CONTENT    CONTENT and PART are printf formats; @H is the usual header
#   json NAME  STATUS  PART  CONTENT
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh"
house_up
cd "$HOUSE" || exit 99

HEADER='client,title,sender,mode,site'
rows=0

# What the key service does to the chain of events, a minute after they happened, is its own business.
digest() {
	look "SELECT md5(string_agg(table_to_xml(oid, true, false, '')::text, '' ORDER BY relname)) FROM pg_class
		WHERE relnamespace = 'senderctl'::regnamespace AND relkind = 'r'
		AND relname NOT IN ('event_pending', 'event_link', 'event_seal')"
}

# try NAME STATUS PART FILE: refused so, in words, and the database is what it was
try() {
	local name=$1 wanted=$2 part=$3 file=$4 now good=1
	rows=$((rows + 1))
	run senderctl import "$file" --provider lms
	now=$(digest)
	[ "$status" = "$wanted" ] && [ -z "$output" ] && [[ $complaint == "senderctl: "* ]] \
		&& [[ $complaint == *"$part"* ]] && [ "$now" = "$before" ] && good=0
	tell $good "$name" || { note "status $status, wanted: $part"; note "$output"; note "${complaint:0:2000}"; }
	[ "$now" = "$before" ] || { note "the database was changed"; before=$now; }
}
csv() {
	# shellcheck disable=SC2059
	printf "${4//@H/$HEADER}" > case.csv
	# shellcheck disable=SC2059
	try "csv: $1" "$2" "$(printf -- "$3")" case.csv
}
json() {
	# shellcheck disable=SC2059
	printf "$4" > case.json
	# shellcheck disable=SC2059
	try "json: $1" "$2" "$(printf -- "$3")" case.json
}
x() { printf "%0$1d" 0 | tr 0 "${2:-x}"; }      # a long word

cat > base.json <<'END'
{ "providers": [
  { "name": "lms", "title": "Learning", "hosting_domain": "learning.vendor.example",
    "default_sender": "noreply@learning.vendor.example", "spf_host": "_spf.learning.vendor.example",
    "clients": [
      { "name": "alpha", "title": "Alpha Ltd", "logins": ["alpha-app"],
        "sites": [ { "url": "https://alpha.learning.vendor.example/" } ],
        "smarthosts": [ { "host": "smtp.alpha.example", "auth_user": "lms" } ],
        "senders": [ { "address": "a@alpha.example", "mode": "relayed" } ] },
      { "name": "beta", "title": "Beta Ltd",
        "sites": [ { "url": "https://learn.beta.example/" } ],
        "senders": [ { "address": "b@beta.example", "mode": "relayed" } ] } ] },
  { "name": "jobs", "title": "Jobs", "hosting_domain": "jobs.vendor.example",
    "default_sender": "noreply@jobs.vendor.example", "spf_host": "_spf.jobs.vendor.example",
    "clients": [ { "name": "alpha", "title": "Alpha elsewhere" } ] } ] }
END
run senderctl import base.json
status_is "two providers to begin with" 0
before=$(digest)

# ---- the file as such
csv "empty" 2 'line 1, column 1: the file is empty' ''
csv "only a BOM" 2 'line 1, column 1: the file is empty' '\xef\xbb\xbf'
csv "only blank lines" 2 'line 1, column 1: the file is empty' '\n\n\n'
csv "UTF-16" 2 'line 1, column 1: this is UTF-16' '\xff\xfec\0l\0i\0'
csv "Latin-1" 2 'line 3, column 7: octet 0xFC is not UTF-8' '@H\nok,Ok,,,\nnew,Gr%b\xfcn,,,\n' 
csv "Latin-1, with the cure" 2 'iconv -f WINDOWS-1252 -t UTF-8' '@H\nnew,Gr\xfcn,,,\n'
csv "overlong UTF-8" 2 'line 2, column 5: octet 0xC0' '@H\nnew,\xc0\xaf,,,\n'
csv "a surrogate in UTF-8" 2 'line 2, column 5: octet 0xED' '@H\nnew,\xed\xa0\x80,,,\n'
csv "NUL" 2 'line 2, column 6: a NUL octet' '@H\nnew,A\0B,,,\n'
csv "bare carriage returns" 2 'line 1, column 30: a bare carriage return' '@H\rnew,New,,,\r'
csv "a line of 1 MB" 2 'line 2, column 65537: the record that begins in line 2 is longer than 65536' \
	"@H\nnew,$(x 1000000),,,\n"
csv "a header of 1 MB" 2 'line 1, column 65537' "$(x 1000000)"
csv "a quote that is never closed" 2 'line 4, column 1: the quote that was opened in line 3' \
	'@H\nok,Ok,,,\nnew,"New,,,\nmore,More,,,\n'
csv "a quote inside a word" 2 'line 2, column 6: a quote where none may stand' '@H\nnew,N"ew,,,\n'
csv "a quote behind a quoted word" 2 'line 2, column 10' '@H\nnew,"New"x,,,\n'
csv "an open quote of 1 MB" 2 'the record that begins in line 2' "@H\nnew,\"$(for _ in $(seq 900); do x 100; printf '\\n'; done)"

# ---- the header
csv "no client column" 2 'the column "client" is missing; "title" needs it' 'title,sender\nNew,a@new.example\n'
csv "an unknown column" 2 'line 1, column 2: there is no column "sendr"' 'client,sendr\nnew,a@new.example\n'
csv "an unknown column, with the one meant" 2 'did you mean "sender"?' 'client,sendr\nnew,a@new.example\n'
csv "a column of JSON alone" 2 'line 1, column 2: there is no column "tls"' 'client,tls\nnew,implicit\n'
csv "a column twice" 2 'line 1, column 3: the column "title" stands here a second time' 'client,title,title\n'
csv "a mode without senders" 2 'line 1, column 2 "mode": the column "sender" is missing' 'client,mode\nnew,hosted\n'
csv "an audience without sites" 2 'line 1, column 2 "audience": the column "site" is missing' 'client,audience\n'
csv "100 columns" 2 'line 1, column' "client$(x 100 ,)\n"
csv "data instead of a header" 2 'line 1, column 1: there is no column "new"' 'new,New Ltd,a@new.example\n'

# ---- records
csv "too few fields" 2 'line 3, column 3: 2 fields where the header has 5' '@H\nok,Ok,,,\nnew,New\n'
csv "too many fields" 2 'line 2, column 6: 6 fields where the header has 5' '@H\nnew,New,,,,x\n'
csv "no client in a line" 2 'line 2, column 1 "client": the client is missing' '@H\n,New,a@new.example,relayed,\n'
csv "blank before the fields that matter" 2 'line 2, column 1 "client"' '@H\n   ,New,,,\n'

# ---- values, each in its column
csv "a client with a capital" 2 'line 2, column 1 "client": column 1: "N" may not stand here' '@H\nNew,New,,,\n'
csv "a client with a slash" 2 'line 2, column 1 "client": column 4: "/"' '@H\nlms/new,New,,,\n'
csv "a client of 64 octets" 2 'column 64: a short name of 64 octets' "@H\n$(x 64),New,,,\n"
csv "a newline in a title" 2 'line 2, column 2 "title": column 4: control character U+000A' '@H\nnew,"New\nline",,,\n'
csv "the line is right after a newline in quotes" 2 'line 4, column 2 "title"' '@H\nok,"O\nk",,,\nnew,"\x07",,,\n'
csv "a tab in a title" 2 'column 4: control character U+0009' '@H\nnew,New\tTab,,,\n'
csv "an escape in a title" 2 'column 1: control character U+001B' '@H\nnew,\x1b[31mred,,,\n'
csv "a C1 control in a title" 2 'control character U+0085' '@H\nnew,New\xc2\x85,,,\n'
csv "a right-to-left override in a title" 2 'column 4: invisible character U+202E' '@H\nnew,New\xe2\x80\xaegpj,,,\n'
csv "a zero-width space in a title" 2 'invisible character U+200B' '@H\nnew,New\xe2\x80\x8b,,,\n'
csv "a title of 1001 octets" 2 'a text of 1001 octets; 1000 are allowed' "@H\nnew,$(x 1001),,,\n"
csv "a newline in an address" 2 'line 2, column 3 "sender": column 2: control character U+000A' '@H\nnew,New,"a\nb@new.example",relayed,\n'
csv "a hash in an address" 2 'line 2, column 3 "sender": column 2: "#" may not stand' '@H\nnew,New,a#b@new.example,relayed,\n'
csv "a percent sign in an address" 2 'column 2: "%%"' '@H\nnew,New,a%%b@new.example,relayed,\n'
# shellcheck disable=SC2016
csv "a dollar in an address" 2 'column 2: "$"' '@H\nnew,New,a$b@new.example,relayed,\n'
csv "a colon in an address" 2 'column 2: ":"' '@H\nnew,New,a:b@new.example,relayed,\n'
csv "quotes in an address" 2 'column 1: """' '@H\nnew,New,"""a""@new.example",relayed,\n'
csv "a comma in an address" 2 'column 2: ","' '@H\nnew,New,"a,b@new.example",relayed,\n'
csv "a backslash in an address" 2 'column 2: "\\"' '@H\nnew,New,a\\b@new.example,relayed,\n'
csv "a blank in an address" 2 'column 2: a blank in an address' '@H\nnew,New,a b@new.example,relayed,\n'
csv "a display name around an address" 2 'give the address alone' '@H\nnew,New,<a@new.example>,relayed,\n'
csv "an address list" 2 'column 14:' '@H\nnew,New,a@new.example;b@new.example,relayed,\n'
csv "a local part of 65 octets" 2 'column 65: 65 octets before the @; 64 are allowed' "@H\nnew,New,$(x 65)@new.example,relayed,\n"
csv "an address of 255 octets" 2 'an address of 255 octets; 254 are allowed' \
	"@H\nnew,New,$(x 64)@$(x 60).$(x 60).$(x 60).example,relayed,\n"
csv "a name of 254 octets" 2 'longer than 253 octets' \
	"@H\nnew,New,a@$(x 63).$(x 63).$(x 63).$(x 54).example,relayed,\n"
csv "a label of 64 octets" 2 'longer than 63 octets' "@H\nnew,New,a@$(x 64).example,relayed,\n"
csv "no @" 2 '"new.example" has no @' '@H\nnew,New,new.example,relayed,\n'
csv "two dots in a name" 2 'empty part' '@H\nnew,New,a@new..example,relayed,\n'
csv "an underscore in a domain" 2 'no underscore in a host or domain' '@H\nnew,New,a@_new.example,relayed,\n'
csv "umlauts before the @" 2 'column 1: "ä" before the @' '@H\nnew,New,ä@new.example,relayed,\n'
csv "a right-to-left mark in a domain" 2 'invisible character U+200F' '@H\nnew,New,a@new\xe2\x80\x8f.example,relayed,\n'
csv "an IP address as domain" 2 'is an IP address' '@H\nnew,New,a@192.0.2.1,relayed,\n'
csv "an unknown mode" 2 'line 2, column 4 "mode": column 1: there is no "relay" here' '@H\nnew,New,a@new.example,relay,\n'
csv "an unknown mode, with the one meant" 2 'did you mean "relayed"?' '@H\nnew,New,a@new.example,relay,\n'
csv "a mode without its sender" 2 '"mode" without "sender"' '@H\nnew,New,,relayed,\n'
csv "a site that is no URL" 2 'line 2, column 5 "site": column 1: a URL begins with' '@H\nnew,New,,,learn.new.example\n'
csv "a blank in a URL" 2 'column 26: a blank' '@H\nnew,New,,,https://learn.new.example a\n'
csv "a password in a URL" 2 'no user name in a URL' '@H\nnew,New,,,https://u:p@learn.new.example/\n'
csv "a port that is none" 2 'a port is a number' '@H\nnew,New,,,https://learn.new.example:99999/\n'
csv "a language that is none" 2 'line 2, column 3 "language": column 1: there is no "fr"' 'client,title,language\nnew,New,fr\n'
csv "a login with a blank made of a tab" 2 'control character U+0009' 'client,title,logins\nnew,New,a\tb\n'
csv "a login with a hash" 2 'line 2, column 3 "logins": column 2: "#"' 'client,title,logins\nnew,New,a#\n'
csv "a smarthost with a port of words" 2 'a port is a number from 1 to 65535' \
	'client,title,sender,mode,smarthost\nnew,New,a@new.example,direct,u@mail.new.example:smtp\n'
csv "a formula" 2 'line 2, column 1 "client": column 1: "="' '@H\n"=HYPERLINK(""https://x.example"")",New,,,\n'
csv "SQL" 2 "column 4: \"'\" may not stand here" "@H\nnew'; DROP TABLE client; --,New,,,\n"
csv "SQL in an address" 2 'column 3: ";" may not stand' "@H\nnew,New,a';DROP@new.example,relayed,\n"

# ---- rows against each other
csv "the same sender twice" 2 'line 3, column 3 "sender": a@new.example: this sender stands in the file a second time (line 2, column 3 "sender")' \
	'@H\nnew,New,a@new.example,relayed,\nnew,,a@new.example,,\n'
csv "the same sender twice in other letters" 2 'a second time' '@H\nnew,New,a@new.example,relayed,\nnew,,A@NEW.Example.,,\n'
csv "the same sender for two clients" 2 'line 3' '@H\nnew,New,a@new.example,relayed,\nnu,Nu,a@new.example,,\n'
csv "one domain for two clients" 2 'two clients of this file use this domain (line 2, column 3 "sender")' \
	'@H\nnew,New,a@new.example,relayed,\nnu,Nu,b@new.example,,\n'
csv "two modes for one domain" 2 'line 3, column 4 "mode": new.example: two modes for one domain' \
	'@H\nnew,New,a@new.example,relayed,\nnew,,b@new.example,on-premises,\n'
csv "two titles for one client" 2 'line 4, column 2 "title": new: the file says something else about this client elsewhere (line 2' \
	'@H\nnew,New,,,\nnew,New,,,\nnew,Newer,,,\n'
csv "one URL for two clients" 2 'two clients of this file have this URL' \
	'@H\nnew,New,,,https://learn.new.example/\nnu,Nu,,,https://learn.new.example/\n'
csv "two URLs on one host" 2 'a client has one URL on a host' \
	'@H\nnew,New,,,https://learn.new.example/a\nnew,,,,https://learn.new.example/b\n'
csv "one login for two clients" 2 'line 3, column 3 "logins": app: two clients of this file have this login' \
	'client,title,logins\nnew,New,app\nnu,Nu,app\n'
csv "two smarthosts for one domain" 2 'two smarthosts for one domain' \
	'client,title,sender,mode,smarthost\nnew,New,a@new.example,direct,u@m1.new.example\nnew,,b@new.example,,u@m2.new.example\n'
csv "a smarthost that nobody logs in to" 2 'a new smarthost needs the user' \
	'client,title,sender,mode,smarthost\nnew,New,a@new.example,direct,m1.new.example\n'
csv "a smarthost for a relayed domain" 2 'line 2, column 5 "smarthost": new.example: only a domain in mode direct has a smarthost' \
	'client,title,sender,mode,smarthost\nnew,New,a@new.example,relayed,u@m1.new.example\n'

# ---- rows against the registry
csv "a new client without a title" 2 'line 2, column 2 "title": new: a new client needs a title' '@H\nnew,,,,\n'
csv "a new domain without a mode" 2 'line 2, column 4 "mode": new.example: a new sender domain needs a mode' '@H\nnew,New,a@new.example,,\n'
csv "another client's sender" 2 'line 2, column 3 "sender": a@alpha.example: this sender belongs to another client (alpha)' \
	'@H\nbeta,,a@alpha.example,,\n'
csv "another client's domain" 2 'alpha.example: this domain belongs to another client (alpha)' '@H\nbeta,,new@alpha.example,,\n'
csv "another client's URL" 2 'this URL belongs to another client (beta)' '@H\nalpha,,,,https://learn.beta.example/\n'
csv "another client's login" 2 'alpha-app: this login belongs to another client (alpha)' 'client,logins\nbeta,alpha-app\n'
csv "a public mailbox that is relayed" 2 'line 2, column 4 "mode": gmx.de: nobody can publish SPF for a public mailbox' \
	'@H\nnew,New,acme@gmx.de,relayed,\n'
csv "a hosted sender without its URL" 2 "new.learning.vendor.example: a hosted sender's domain must be the host of one" \
	'@H\nnew,New,a@new.learning.vendor.example,hosted,\n'
csv "a hosted sender with another URL" 2 'must be the host of one' \
	'@H\nnew,New,a@new.learning.vendor.example,hosted,https://nu.learning.vendor.example/\n'
csv "an envelope domain elsewhere" 2 'mail.other.example: an envelope domain is the sender domain itself or lies below it' \
	'client,title,sender,mode,envelope_domain\nnew,New,a@new.example,relayed,mail.other.example\n'
csv "the last line of many is wrong" 2 'line 302, column 3 "sender": column 2: "#"' \
	"@H\n$(for i in $(seq 300); do printf 'n%d,New,a@n%d.example,relayed,\\n' "$i" "$i"; done)bad,Bad,a#@bad.example,relayed,\n"

# ---- many findings
csv "30 findings: 20 are listed, all are counted" 2 '30 findings; nothing was stored' \
	"@H\n$(for i in $(seq 30); do printf 'n%d,New,a#@n%d.example,relayed,\\n' "$i" "$i"; done)"
is "20 lines" "$(grep -c 'column 3 "sender"' <<< "$complaint")" 20

# ---- JSON
json "empty" 2 'line 1, column' ''
json "not JSON" 2 'line 2, column 9' '{\n  clients }'
json "cut off" 2 'line 1, column' '{"clients": ['
json "something behind it" 2 'line 1, column' '{"clients": []} x'
json "a name twice" 2 'duplicate' '{"clients": [], "clients": []}'
json "NUL" 2 'line 1, column' '{"clients": [{"name": "new\\u0000"}]}'
json "Latin-1" 2 'line 1' '{"clients": [{"name": "new", "title": "Gr\xfcn"}]}'
json "a lone surrogate" 2 'line 1' '{"clients": [{"name": "new", "title": "\\ud800"}]}'
json "100000 brackets" 2 'line 1, column' "{\"clients\": $(x 100000 '[')"
json "a list" 2 'a map in braces is wanted' '[]'
json "neither clients nor providers" 2 'neither "clients" nor "providers"' '{}'
json "both" 2 'either "providers", or' '{"clients": [], "providers": []}'
json "an unknown name" 2 'clients[0].sendrs: there is no such name here' '{"clients": [{"name": "new", "title": "New", "sendrs": []}]}'
json "an unknown name, with the one meant" 2 'did you mean "senders"?' '{"clients": [{"name": "new", "title": "New", "sendrs": []}]}'
json "a client without a name" 2 'clients[1].name: this is missing' '{"clients": [{"name": "new", "title": "New"}, {"title": "Nu"}]}'
json "a number for a text" 2 'clients[0].title: a text in quotes is wanted' '{"clients": [{"name": "new", "title": 7}]}'
json "a text for a list" 2 'clients[0].senders: a list is wanted' '{"clients": [{"name": "new", "senders": "a@new.example"}]}'
json "a text for a number" 2 'clients[0].smarthosts[0].port: a number' \
	'{"clients": [{"name": "new", "title": "New", "smarthosts": [{"host": "m.new.example", "port": "25"}]}]}'
json "an address with a newline" 2 'clients[0].senders[1].address: column 2: control character U+000A' \
	'{"clients": [{"name": "new", "title": "New", "senders": [{"address": "a@new.example", "mode": "relayed"}, {"address": "b\\n@new.example"}]}]}'
json "a mode that is none" 2 'clients[0].senders[0].mode: column 1: there is no "proxied"' \
	'{"clients": [{"name": "new", "title": "New", "senders": [{"address": "a@new.example", "mode": "proxied"}]}]}'
json "a login with a blank" 2 'clients[0].logins[1]: column 2: " "' '{"clients": [{"name": "new", "title": "New", "logins": ["ok", "a b"]}]}'
json "a login of a sender with a newline" 2 'clients[0].senders[0].logins[0]: column 2: control character' \
	'{"clients": [{"name": "new", "title": "New", "senders": [{"address": "a@new.example", "mode": "relayed", "logins": ["a\\nb"]}]}]}'
json "null where something must be" 2 'clients[0].name: this may not be empty' '{"clients": [{"name": null}]}'
json "an empty title" 2 'clients[0].title: this may not be empty' '{"clients": [{"name": "new", "title": null}]}'
json "the same sender twice" 2 'clients[0].senders[1].address: a@new.example: this sender stands in the file a second time (clients[0].senders[0].address)' \
	'{"clients": [{"name": "new", "title": "New", "senders": [{"address": "a@new.example", "mode": "relayed"}, {"address": "a@new.example"}]}]}'
json "another client's domain" 2 'clients[0].senders[0].address: alpha.example: this domain belongs to another client (alpha)' \
	'{"clients": [{"name": "beta", "senders": [{"address": "x@alpha.example"}]}]}'
json "a file for another provider" 2 'the file is for provider jobs, not lms' '{"provider": "jobs", "clients": []}'
json "a new provider without what it needs" 2 'providers[0].hosting_domain: this is missing' '{"providers": [{"name": "new", "title": "New"}]}'
json "a relay with a wrong address" 2 'providers[0].relays[0].addresses[0]: "192.0.2.256" is not an IP address' \
	'{"providers": [{"name": "lms", "relays": [{"name": "mx1", "helo": "mx1.vendor.example", "addresses": ["192.0.2.256"]}]}]}'
json "a relay with a mail server that is none" 2 'providers[0].relays[0].mta: there is no' \
	'{"providers": [{"name": "lms", "relays": [{"name": "mx1", "helo": "mx1.vendor.example", "mta": "sendmale"}]}]}'
json "a provider without its title" 2 'providers[0].title: this may not be empty' '{"providers": [{"name": "lms", "title": null}]}'
json "a span of time that is none" 2 'providers[0].linger: "soon" is not a span of time' '{"providers": [{"name": "lms", "linger": "soon"}]}'
json "the second provider is wrong" 2 'providers[1].clients[0].senders[0].address: column 2: "#"' \
	'{"providers": [{"name": "lms", "clients": [{"name": "new", "title": "New"}]}, {"name": "jobs", "clients": [{"name": "new", "title": "New", "senders": [{"address": "a#@new.example"}]}]}]}'

# ---- the file itself
rows=$((rows + 5))
refused "a file that is not there" 4 "nothere.csv" senderctl import nothere.csv --provider lms
refused "a folder" 2 "is not a file" senderctl import . --provider lms --format csv
printf '{"provider": "nobody", "clients": []}' > case.json
refused "a provider that is not there" 4 'there is no provider "nobody"' senderctl import case.json
printf '%s\nnew,New,,,\n' "$HEADER" > case.csv
refused "no provider named, and there are two" 2 "--provider NAME" senderctl import case.csv
refused "/dev/null" 2 "is not a file" senderctl import /dev/null --format csv --provider lms
printf '%s\nnew,Gr\xfcn,,,\n' "$HEADER" > case.csv
run senderctl import case.csv --provider lms --json
is "with --json the findings are in the document" "$(field "$output" '["error"]["findings"][0]["place"]')" "line 2, column 7"
run senderctl import case.csv --provider lms --lang de
has "in German too" "$complaint" "case.csv:"
is "after all of it the database is byte for byte what it was" "$(digest)" "$before"
note "$rows rows"
finish
