#!/bin/bash
# check for many: from a file, politely, past dead name servers, with an end at any moment and no loss.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

good=60 dead=100

# A world: domains of a shop that all is well with, and domains whose name servers are dead.
# `world [ADDRESS:MODE]` writes it and waits until it is served.
world() {
	world_is python3 - $good $dead "$@" <<-'END'
	import json, sys
	good, dead = int(sys.argv[1]), int(sys.argv[2])
	spf = 'v=spf1 include:_spf.vendor.example -all'
	names = ['d%03d.shop.example' % i for i in range(good)] + ['xn--bcher-kva.shop.example']
	zones = [{'apex': '', 'servers': ['127.0.0.9'], 'names': ['root']},
	         {'apex': 'vendor.example', 'servers': ['127.0.0.4'],
	          'records': [['_spf.vendor.example', 'TXT', 'v=spf1 ip4:192.0.2.25 -all']]},
	         {'apex': 'shop.example', 'servers': ['127.0.0.2', '127.0.0.3'],
	          'records': [[name, 'TXT', spf] for name in names]}]
	# The resolver knows them; nobody is there to be asked, or somebody who never answers.
	addresses = ['127.1.%d.%d' % (i % 2, i // 2 + 1) for i in range(dead)]
	zones.append({'apex': 'gone.example', 'servers': ['127.0.0.4'],
	              'records': [['ns%d.gone.example' % i, 'A', addresses[i]] for i in range(dead)]})
	zones += [{'apex': 'dead%03d.example' % i, 'servers': ['127.0.0.1'], 'names': ['ns%d.gone.example' % i]}
	          for i in range(dead)]
	modes = dict(word.split(':') for word in sys.argv[3:])
	json.dump({'zones': zones, 'modes': modes}, sys.stdout)
	END
}
# What the name servers say of us: seen '["second"]'
seen() { sleep 0.8; field "$(cat "$HOUSE/port.seen")" "$1"; }
kept() { look "SELECT count(*) FROM watch WHERE finished_at IS NOT NULL"; }
kept_some() { [ "$(kept)" -ge "$1" ]; }
forget() { look "DELETE FROM verdict; UPDATE watch SET finished_at = NULL"; }
# A value of the last answer, which may be longer than an argument: part '["checked"]'
part() { python3 -c 'import json,sys; print(eval("json.load(sys.stdin)" + sys.argv[1]))' "$1" <<< "$output"; }
# A look is whole: whose watch says "looked" has verdicts of that moment, and nobody else has any.
whole() {
	look "SELECT count(*) FROM watch w FULL JOIN (SELECT DISTINCT domain_id, checked_at FROM verdict) v
		ON v.domain_id = w.domain_id AND v.checked_at = w.finished_at
		WHERE w.finished_at IS NOT NULL AND v.domain_id IS NULL
		   OR v.domain_id IS NOT NULL AND w.domain_id IS NULL"
}

house_up
python3 - $good $dead > "$HOUSE/vendor.json" <<'END'
import json, sys
good, dead = int(sys.argv[1]), int(sys.argv[2])
def client(name, domains):
    return {'name': name, 'title': name, 'language': 'en', 'logins': [name + '-app'],
            'domains': [{'name': d, 'mode': 'relayed', 'dkim': False} for d in domains],
            'senders': [{'address': 'info@' + d, 'mode': 'relayed'} for d in domains]}
print(json.dumps({'providers': [{'name': 'lms', 'title': 'Vendor', 'hosting_domain': 'vendor.example',
    'default_sender': 'noreply@vendor.example', 'spf_host': '_spf.vendor.example', 'language': 'en',
    'relays': [{'name': 'mx1', 'helo': 'mx1.vendor.example', 'mta': 'postfix', 'signer': 'opendkim',
                'addresses': ['192.0.2.25']}],
    'clients': [client('gone', ['dead%03d.example' % i for i in range(dead)]),
                client('shop', ['d%03d.shop.example' % i for i in range(good)] + ['bücher.shop.example'])]}]}))
END
run senderctl import "$HOUSE/vendor.json"
status_is "a vendor with two clients and many domains is imported" 0
: $((good++))

world
names_up
echo "dns { resolvers = {\"127.0.0.1:$port\"} authoritative_port = $port timeout = 1.5 }" > "$SENDERCTL_CONFIG"
# Half of the dead servers listen and say nothing; nobody listens where the others should be.
background sink python3 -c 'import signal, socket, sys
sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(50)]
for i, each in enumerate(sockets):
    each.bind(("127.1.1.%d" % (i + 1), int(sys.argv[1])))
signal.pause()' "$port"

note "a file counts whole or not at all"
printf '\xef\xbb\xbf# ours\r\n\r\nd000.shop.example\r\nlms/nobody\r\nacme..example  # two dots\r\nd001.shop.example d002.shop.example\r\n  b\xfccher.example\r\nunheard-of.example' \
	> "$HOUSE/list"
refused "a file with bad lines is refused" 2 "5 lines are wrong; nothing was looked at" senderctl check --file "$HOUSE/list"
for each in '4: there is no client "lms/nobody"' '5: "acme..example"' '6: "d001.shop.example d002.shop.example": more than one word' \
	'7: "b?cher.example": this is not UTF-8 text' '8: there is no sender domain "unheard-of.example"'; do
	has "line ${each%%:*} is named with what is wrong" "$complaint" "list:$each"
done
run senderctl check --file "$HOUSE/list" --json
is "programs get all of them, too" "$(field "$output" '["error"]["findings"].__len__()')" 5
is "nothing was looked at" "$(kept)" 0
refused "one bad line is the whole sentence" 2 'standard input:2: there is no sender domain "x.example"' \
	bash -c 'printf "d000.shop.example\nx.example\n" | senderctl check --file -'
refused "a file that is not there" 4 "there is no file" senderctl check --file "$HOUSE/nothing"
refused "--all and a file are two things" 2 "or say --all" senderctl check --all --file "$HOUSE/list"
refused "--rate takes a number" 2 "--rate takes a number between 1 and 1000000" senderctl check --all --rate 0
refused "--not-since takes a moment" 2 "--not-since does not take" senderctl check --all --not-since yesterday
refused "and no day that there is not" 2 "--not-since does not take" senderctl check --all --not-since 2026-02-30T00:00:00Z

printf '\xef\xbb\xbf# ours\r\nd000.shop.example\r\n   \r\nbücher.shop.example\t# IDN\r\nlms/d001.shop.example\r\nD000.shop.example.' > "$HOUSE/list"
run senderctl check --file "$HOUSE/list" --json
status_is "a good one is checked" 0
is "each domain once" "$(field "$output" '["checked"]') $(field "$output" '["counts"]["ok"]')" "3 3"
is "in order" "$(field "$output" '["domains"][2]["domain"]')" xn--bcher-kva.shop.example
is "the counts stand on standard error" "$complaint" "3  ok 3"
run senderctl check --file - < "$HOUSE/list"
has "standard input is a file as well" "$output" "3 domains checked"
has "people see the counts" "$output" "  ok 3"
run senderctl check --file /dev/null
status_is "an empty file is checked quickly" 0

note "polite"
forget
world
run senderctl check lms/shop --rate 200 --json
status_is "with a rate all is well" 0
is "all of them" "$(part '["counts"]["ok"]')" $good
rate=$(seen '["second"]')
ok "never more than that in a second (busiest: $rate)" test "$rate" -le 225 -a "$rate" -ge 100
world 127.0.0.2:slow 127.0.0.3:slow
run senderctl --dns-timeout 20 check --file "$HOUSE/list" --per-server 2 --json
status_is "slow servers, two questions at a time" 0
is "no server had more under way" "$(seen '["busiest"]["127.0.0.2"]') $(seen '["busiest"]["127.0.0.3"]')" "2 2"
sed -i 's/timeout = 1.5/& rate = 200 per_server = 3/' "$SENDERCTL_CONFIG"
world 127.0.0.2:slow 127.0.0.3:slow
run senderctl --dns-timeout 20 check --file "$HOUSE/list" --json
is "the configuration can say so, too" "$(seen '["busiest"]["127.0.0.2"]')" 3
sed -i 's/ rate = 200 per_server = 3//' "$SENDERCTL_CONFIG"

note "a hundred dead name servers"
forget
world
{ echo lms/gone; printf 'd%03d.shop.example\n' {0..19}; } > "$HOUSE/list"
run senderctl --dns-timeout 9 check --file "$HOUSE/list" --json
status_is "nothing is missing, some could not be told" 3
is "the good ones are good, the dead ones unknown" \
	"$(part '["counts"]["ok"]') $(part '["counts"]["unknown"]')" "20 $dead"
ends=$(look "SELECT string_agg(round(extract(epoch FROM last - first)::numeric, 1)::text, ' ' ORDER BY shop DESC) FROM (
	SELECT c.name = 'shop' AS shop, max(w.finished_at) AS last,
	       min(min(w.finished_at)) OVER () AS first
	  FROM watch w JOIN domain d ON d.id = w.domain_id JOIN client c ON c.id = d.client_id GROUP BY 1) x")
note "seconds from the first to the last good and to the last dead one: $ends"
ok "the dead ones hold up nobody" awk -v ends="$ends" 'BEGIN { split(ends, at, " "); exit !(at[1] + 2 < at[2] && at[2] < 40) }'

note "an end at any moment"
forget
senderctl check --all --rate 100 --json > "$HOUSE/answer" 2> "$HOUSE/complaint" & check=$!
until_true 30 kept_some 5
kill -TERM $check; wait $check; status=$?
status_is "asked to end: exit status 130" 130
stored=$(kept)
complaint=$(cat "$HOUSE/complaint") output=$(cat "$HOUSE/answer")
has "it says how far it came" "$complaint" "ended early: $stored of $((good + dead)) domains are looked at and stored"
has "and how to go on" "$complaint" "the same command with --not-since 2"
is "the answer is a whole document" "$(part '["interrupted"]') $(part '["checked"]')" "True $stored"
is "what is stored is whole" "$(whole)" 0
ok "not all of it was done" test "$stored" -lt $((good + dead))
moment=$(sed -n 's/.*--not-since \([^ ]*\) .*/\1/p' <<< "$complaint")
senderctl check lms/shop --not-since "$moment" --rate 100 > /dev/null 2> "$HOUSE/complaint" & check=$!
until_true 30 kept_some $((stored + 5))
kill -KILL $check; wait $check 2> /dev/null; status=$?
status_is "and now without asking" 137
is "what is stored is whole" "$(whole)" 0
stored=$(look "SELECT count(*) FROM watch w JOIN domain d ON d.id = w.domain_id
	WHERE d.name LIKE '%.shop.example' AND w.finished_at >= '$moment'")
run senderctl check lms/shop --not-since "$moment" --json
status_is "the rest" 0
is "and only the rest" "$(part '["checked"]') $(part '["skipped"]')" "$((good - stored)) $stored"
run senderctl check lms/shop --not-since "1 hour"
has "within the hour all was looked at" "$output" "$good domains left out"
run senderctl check d000.shop.example --not-since "0 s" --json
is "in no time nothing was" "$(part '["checked"]')" 1

note "a terminal"
terminal() { python3 "$top_srcdir/tests/lib/terminal.py" "$@"; }
# Every drawing of the line, one in a row.
drawings() { tr '\r' '\n' < "$HOUSE/screen" | sed 's/\x1b\[K//g' | grep -v '^$'; }
run terminal 100 "$HOUSE/screen" senderctl check --all --rate 300 --json
status_is "on a terminal" 3
like "the line says what, how many, how fast, how long, and what was found" "$(drawings | grep ^checking | tail -n 1)" \
	'^checking  \[#+ *\]  [0-9]+/161  [0-9.]+/s  [0-9]+:[0-9]{2} left  ok [0-9]+'
is "it fits" "$(drawings | grep -cE '^.{100}')" 0
ok "at the end it is wiped" test "$(tail -c 28 "$HOUSE/screen" | tr -d '\r\n')" = $'\e[K161  ok 61  unknown 100'
run env LANG=de_DE.UTF-8 python3 "$top_srcdir/tests/lib/terminal.py" 34 "$HOUSE/screen" senderctl --lang de check lms/shop --rate 300 --json
is "a narrow one gets less, and in one line" "$(drawings | head -n 3 | grep -cE '^.{34}')" 0
run terminal 80 "$HOUSE/screen" --interrupt-at "/$good" senderctl check lms/shop --rate 60 --json
status_is "Ctrl-C ends it: exit status 130" 130
is "with an answer" "$(part '["interrupted"]')" True
has "and a sentence" "$(cat "$HOUSE/screen")" "ended early: "
run senderctl check lms/shop --rate 300 --quiet
is "without a terminal there is no line, and --quiet says nothing" "$output$complaint" ""
run senderctl check lms/shop --rate 50 --progress --json
like "--progress says every ten seconds how far it is" "$complaint" \
	'^checking  [0-9]+/61  [0-9.]+/s  [0-9]+:[0-9]{2} left  ok [0-9]+'
finish
