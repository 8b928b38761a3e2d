#!/bin/bash
# The spf verbs: no database, real DNS.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99

cat > "$HOUSE/world.json" <<'END'
{"zones": [{"apex": "", "servers": ["127.0.0.9"], "names": ["root"], "records": [
  ["acme.example", "TXT", "v=spf1 a:gone.example include:_spf.vendor.example -all"],
  ["_spf.vendor.example", "TXT", "v=spf1 ip6:2001:db8:25::/48 ip4:192.0.2.0/24 -all"],
  ["slow.example", "TIMEOUT"],
  ["two.example", "TXT", "v=spf1 -all"], ["two.example", "TXT", "v=spf1 +all"],
  ["big.example", "TXT", "v=spf1 include:_spf.vendor.example include:deep.example include:dead.example mx ~all"],
  ["big.example", "MX", [10, "mail.big.example"]], ["mail.big.example", "A", "192.0.2.9"],
  ["mail.big.example", "AAAA", "2001:db8::9"],
  ["deep.example", "TXT", "v=spf1 include:_spf.vendor.example include:slow.example a:gone.example -all"],
  ["many.example", "TXT", "v=spf1 a:g1.example a:g2.example a:g3.example include:ten.example -all"],
  ["ten.example", "TXT", "v=spf1 exists:%{i}.b.example exists:%{i}.c.example exists:%{i}.d.example exists:%{i}.e.example exists:%{i}.f.example exists:%{i}.g.example exists:%{i}.h.example -all"],
  ["xn--bcher-kva.example", "TXT", "v=spf1 include:xn--bcher-kva.example -all"],
  ["full.example", "TXT", "v=spf1 include:_spf.vendor.example -all"],
  ["full.example", "TXT", "site-verification=0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"],
  ["full.example", "TXT", "other-verification=0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"],
  ["quotes.example", "TXT", "\"v=spf1 a -all\""], ["quotes.example", "TXT", "\"v=spf1 mx -all\""],
  ["mail4.big.example", "A", "192.0.2.10"],
  ["loop-a.example", "TXT", "v=spf1 include:loop-b.example -all"],
  ["loop-b.example", "TXT", "v=spf1 include:loop-a.example -all"],
  ["quoted.example", "TXT", "\"v=spf1 a -all\""]]}]}
END
names_up
eval_from() { run senderctl --resolver "127.0.0.1:$port" --dns-timeout 0.5 spf eval --mail-from "$2" \
	--helo relay.vendor.example --ip "$1" "${@:3}"; }

eval_from 192.0.2.25 claim@acme.example --json
status_is "eval needs no database" 0
is "the relay passes" "$(field "$output" '["result"]')" pass
is "the deciding term is named" "$(field "$output" '["mechanism"]')" include:_spf.vendor.example
is "with its column" "$(field "$output" '["column"]')" 23
is "look-ups are counted" "$(field "$output" '["lookups"]')" 2
is "so are those that found nothing" "$(field "$output" '["void_lookups"]')" 1
is "the trace shows the inner match" "$(field "$output" '["trace"][-1]["term"]')" ip4:192.0.2.0/24
eval_from 2001:db8:25::1 claim@acme.example --trace
has "IPv6 passes, and people see why" "$output" "ip6:2001:db8:25::/48"
eval_from 198.51.100.1 claim@acme.example --json
is "a stranger fails" "$(field "$output" '["result"]')" fail
eval_from 192.0.2.25 x@slow.example --json
status_is "no answer: could not tell" 3
is "which is a temperror" "$(field "$output" '["result"]')" temperror
run senderctl --resolver 127.0.0.1:1 --resolver "127.0.0.1:$port" --dns-timeout 0.5 spf eval --json \
	--mail-from claim@acme.example --helo relay.vendor.example --ip 192.0.2.25
is "of two resolvers, one is enough" "$(field "$output" '["result"]')" pass
eval_from 192.0.2.25 x@two.example --json
is "two records are a permerror" "$(field "$output" '["result"]')" permerror
eval_from 192.0.2.25 x@nowhere.example --json
is "none is none" "$(field "$output" '["result"]')" none
is "and says why" "$(field "$output" '["problem"]')" "no SPF record at nowhere.example"
eval_from 192.0.2.25 x@nowhere.example
has "people read it too" "$output" "because: no SPF record at nowhere.example"
eval_from 192.0.2.25 x@bücher.example --json
is "a sender may have any letters" "$(field "$output" '["trace"][0]["target"]')" xn--bcher-kva.example
eval_from 192.0.2.25 '<claim@acme.example>' --json
is "angle brackets are no part of an address" "$(field "$output" '["result"]')" pass
run senderctl --resolver "127.0.0.1:$port" spf eval --ip 192.0.2.25 --mail-from '<>' --helo bücher.example --json
is "a bounce is its server's, in any letters" "$(field "$output" '["trace"][0]["target"]')" xn--bcher-kva.example
run senderctl --resolver "127.0.0.1:$port" spf eval --ip 192.0.2.25 --mail-from '' --helo '[192.0.2.25]'
status_is "a server may be called by its address" 0
has "which has no record" "$output" '"[192.0.2.25]" is no domain name, so it has no SPF record'
refused "a sender has a domain" 2 "--mail-from: no domain" senderctl spf eval --ip 192.0.2.1 --helo c --mail-from a@
eval_from 192.0.2.25 a@one..example
has "a domain that is none is told" "$output" 'because: "one..example" is no domain name, so it has no SPF record'
eval_from 192.0.2.25 @acme.example --json
is "without a local part it is postmaster's" "$(field "$output" '["result"]')" pass
run senderctl --lang de spf eval --ip 192.0.2.1 --helo c --mail-from a@
has "in German, too" "$complaint" '--mail-from: Hinter dem @ von "a@" steht keine Domain'
refused "an address is an address" 2 "not an IP" senderctl spf eval --ip 1.2.3 --mail-from a@b.example --helo c
refused "a timeout is a number" 2 "seconds" senderctl --dns-timeout soon spf eval --ip 192.0.2.1 \
	--mail-from a@b.example --helo c
refused "a resolver is an address" 2 "address of a DNS server" senderctl --resolver dns.example spf eval \
	--ip 192.0.2.1 --mail-from a@b.example --helo c

run senderctl spf lint --record 'v=spf1 ip4:123.4.5.678/90 -all' --json
status_is "lint finds faults: exit status 1" 1
is "both of them" "$(field "$output" '["findings"].__len__()')" 2
is "in their columns" "$(field "$output" '["findings"][0]["column"]')" 20
is "and one token" "$(field "$output" '["findings"][1]["token"]')" ip4:123.4.5.678/90
run senderctl spf lint 'v=spf1 ip4:123.4.5.678/90 include: a.example -all'
has "a line names all faults of a token" "$output" \
	'column 20: ip4:123.4.5.678/90: "678" is not an octet of an IPv4 address (0 to 255); /90 is longer than /32'
is "marks stand under the faults" "$(sed -n 2p <<< "$output")" "                   ^   ^          ^"
has "what was meant is offered" "$output" 'did you mean "include:a.example"?'
run senderctl --lang de spf lint 'v=spf1 ip4:123.4.5.678/90 -all'
has "in German, too" "$output" \
	'Fehler: Spalte 20: ip4:123.4.5.678/90: "678" ist kein Oktett einer IPv4-Adresse (0 bis 255); /90 ist länger als /32'
run senderctl spf lint '“v=spf1 -all”'
# shellcheck disable=SC1111
has "quotes of word processors are named" "$output" "error: column 1: “v=spf1: a typographic quote"
run senderctl spf lint $'v=spf1 \x1b[31m -all'
has "a terminal obeys no record" "$output" 'v=spf1 ?[31m -all'
run senderctl spf lint "v=spf1$(printf ' include:_spf%s.vendor.example' 1 2 3 4) ip:198.51.100.7 -all"
is "a long record is shown in lines, the mark under its own" "$(sed -n 3p <<< "$output")" "$(printf "%58s^" "")"
run senderctl spf lint --record 'v=spf1 include:_spf.vendor.example -all'
status_is "a good record has none" 0
run senderctl spf lint 'v=spf1 -all'
status_is "a note is no fault" 0
has "and is told" "$output" "note: the record says that this name sends no mail"
refused "a record or a domain" 2 "one record or one domain" senderctl spf lint
refused "not two domains" 2 "one record or one domain" senderctl spf lint acme.example --domain two.example
refused "a web address is no domain" 2 "may not stand in a name" senderctl spf lint https://acme.example
refused "a relay costs what DNS says" 2 "needs DNS" senderctl spf lint 'v=spf1 a -all' --relay 192.0.2.25

lint() { run senderctl --resolver "127.0.0.1:$port" --dns-timeout 0.5 spf lint "$@"; }
lint --domain acme.example --json
status_is "a domain's record is fetched" 0
is "and its includes are counted" "$(field "$output" '["tree"]["lookups"]')" 2
is "and what finds nothing" "$(field "$output" '["tree"]["voids"]')" 1
is "of the two that may" "$(field "$output" '["tree"]["void_limit"]')" 2
is "it is the only record" "$(field "$output" '["records"].__len__()')" 1
lint big.example
status_is "a dead include is a fault" 1
has "the whole costs at worst" "$output" "with all includes, at worst: 7 of 10, without result 1 of 2"
has "each branch has its price" "$output" "   4  include:deep.example, 1 without result"
has "with its own branches" "$output" "   1    include:slow.example, unknown"
has "the dead one is named" "$output" "error: dead.example has no SPF record: receivers answer permerror"
has "and how many could not be followed" "$output" "includes that could not be followed: 1"
lint big.example --json
is "programs see the same: dead" "$(field "$output" '["tree"]["dead"]')" dead.example
is "depth" "$(field "$output" '["tree"]["branches"][2]["depth"]')" 1
is "unknown" "$(field "$output" '["tree"]["branches"][3]["unknown"]')" True
is "price" "$(field "$output" '["tree"]["branches"][1]["lookups"]')" 4
lint many.example
status_is "too dear is a fault" 1
has "eleven are too many" "$output" "receivers answer permerror to whom no earlier term matches"
has "three without result, too" "$output" "more than 2 look-ups without result"
lint acme.example --relay 192.0.2.25 --relay 198.51.100.1 --json
is "a relay gets its result" "$(field "$output" '["relays"][0]["result"]')" pass
is "and its price" "$(field "$output" '["relays"][0]["lookups"]')" 2
is "without result" "$(field "$output" '["relays"][0]["void_lookups"]')" 1
is "and who decided" "$(field "$output" '["relays"][0]["mechanism"]')" include:_spf.vendor.example
is "and where" "$(field "$output" '["relays"][0]["column"]')" 23
is "a stranger is told apart" "$(field "$output" '["relays"][1]["result"]')" fail
lint acme.example --relay 192.0.2.25
has "people read it in one line" "$output" "192.0.2.25: pass, look-ups: 2 of 10, without result: 1 of 2; decided by"
lint 'v=spf1 a:gone.example ip4:192.0.2.0/24 -all' --domain acme.example --relay 192.0.2.25 --json
is "a record that nobody published is tried at its place" "$(field "$output" '["relays"][0]["mechanism"]')" ip4:192.0.2.0/24
is "which is said" "$(field "$output" '["domain"]')" acme.example
lint 'v=spf1 mx include:_spf.vendor.example -all' --relay 192.0.2.25
has "without a domain nobody knows its mx" "$output" "   1  mx, unknown"
has "which is said" "$output" "matches nobody here; --domain names it"
has "the rest can be told" "$output" "192.0.2.25: pass, look-ups: 2 of 10, without result: 1 of 2; decided by include:_spf.vendor.example, column 11"
lint two.example
status_is "two records are a fault" 1
has "and called so" "$output" "error: two.example has 2 SPF records: receivers answer permerror"
has "each has its own findings" "$output" 'warning: column 8: +all: "+all" lets the whole world send'
lint two.example --json --relay 192.0.2.25
is "programs get both" "$(field "$output" '["records"][1]["record"]')" 'v=spf1 +all'
is "the first at the top" "$(field "$output" '["record"]')" 'v=spf1 -all'
is "the relay sees what receivers see" "$(field "$output" '["relays"][0]["result"]')" permerror
lint bücher.example --json
is "a name may have any letters" "$(field "$output" '["domain"]')" xn--bcher-kva.example
has "a record that includes itself is named" "$output" "refers to itself"
lint full.example
has "the other TXT records make the answer long" "$output" "with the other TXT records of the name"
lint quoted.example
status_is "what only looks like SPF is a fault" 1
has "which is none for receivers" "$output" "receivers find no SPF record at quoted.example"
has "and is explained" "$output" "begins with a quotation mark"
lint quotes.example
has_not "two of them are no two records" "$output" "permerror"
lint nowhere.example. --relay 192.0.2.25
status_is "no record: something is missing" 1
has "which is said, without the final dot" "$output" "error: nowhere.example has no SPF record"
lint nowhere.example --json
is "programs see it" "$(field "$output" '["problem"]')" "nowhere.example has no SPF record"
is "with the usual keys" "$(field "$output" '["record"]')$(field "$output" '["records"]')" "None[]"
refused "no answer is no verdict" 3 "in time" senderctl --resolver "127.0.0.1:$port" --dns-timeout 0.5 \
	spf lint --domain slow.example
lint 'v=spf1 include:slow.example -all' --relay 192.0.2.25
status_is "nor is half an answer" 3
lint 'v=spf1 include:slow.example -all'
status_is "nor an include that nobody could follow" 3
lint 'v=spf1 include:slow.example +all' --relay 192.0.2.25
status_is "a fault that is certain is a fault" 1
lint 'v=spf1 include:%{d2}.example -all' --domain acme.example
status_is "what a macro hides no answer would tell" 0
for text in '"v=spf1 -all"' 'v=spf1;a' $'v=spf1\t-all'; do
	lint "$text" --domain acme.example
	has "no record: receivers find none" "$output" "error: receivers find no SPF record in this text"
	has_not "so they answer no permerror" "$output" "permerror"
done
lint 'v=spf1 ip4:1.2.3 -all' --domain acme.example
has "a broken record is a permerror" "$output" "receivers answer permerror before they look anything up"
lint 'v=spf1 include:http://_spf.vendor.example -all' --domain acme.example
has "a web address in a record is explained" "$output" 'did you mean "include:_spf.vendor.example"?'

# A host without AAAA finds nothing for senders with IPv6.
four='v=spf1 a:mail4.big.example a:mail4.big.example a:mail4.big.example -all'
lint "$four" --domain acme.example
has "each family has its count" "$output" "without result 0 of 2 for mail from IPv4 addresses, 3 of 2 from IPv6 addresses"
has "who sends from IPv4 alone is warned" "$output" "warning: for mail from IPv6 addresses, more than 2 look-ups without result"
lint "$four" --domain acme.example --relay 2001:db8::1 --json
is "programs get both: IPv4" "$(field "$output" '["tree"]["voids_ipv4"]')" 0
is "IPv6" "$(field "$output" '["tree"]["voids_ipv6"]')" 3
is "and the worse one" "$(field "$output" '["tree"]["voids"]')" 3
lint "$four" --domain acme.example --relay 2001:db8::1
has "who sends from IPv6 is in trouble" "$output" "error: for mail from IPv6 addresses, more than 2"
run senderctl --lang de --resolver "127.0.0.1:$port" spf lint "$four" --domain acme.example
has "in German, too" "$output" "Warnung: bei Mail von IPv6-Adressen mehr als 2 ergebnislose Abfragen"

lint loop-a.example
status_is "a loop of includes is a fault" 1
has "nobody counts it to its end" "$output" "with all includes, at worst: more than 10, without"
has "nor prints it" "$output" "      ... and more"
is "some branches are enough" "$(grep -c 'include:loop-[ab]' <<< "$output")" 14

# The process that evaluates has nothing of ours, whatever we were told.  The question to slow.example
# holds both in place while we look.
PGPASSWORD=hunter2 background spf senderctl --resolver "127.0.0.1:$port" --dns-timeout 20 spf eval \
	--mail-from x@slow.example --helo relay.vendor.example --ip 192.0.2.25
asker=${house_pids[-1]}
until_true 10 grep -q . "/proc/$asker/task/$asker/children"
read -r worker _ < "/proc/$asker/task/$asker/children"
until_true 10 grep -q '^Seccomp:.2' "/proc/$worker/status"
is "it may do next to nothing" "$(awk '/^(NoNewPrivs|Seccomp):/ { printf "%s", $2 }' "/proc/$worker/status")" 12
if [ "$(id -u)" = 0 ]; then
	has "our environment has a password" "$(tr '\0' ' ' < "/proc/$asker/environ")" hunter2
	is "its environment is empty" "$(wc -c < "/proc/$worker/environ")" 0
	is "it has one descriptor" "$(ls "/proc/$worker/fd")" 0
	like "which is the socket to us" "$(readlink "/proc/$worker/fd/0")" '^socket:'
fi
kill "$asker"
until_true 10 test ! -e "/proc/$worker"
ok "and it ends with us" test ! -e "/proc/$worker"

finish
