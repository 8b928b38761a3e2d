#!/bin/bash
# The spf verbs: no database, real DNS.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99

cat > "$HOUSE/world.json" <<'END'
{"zones": [{"apex": "", "servers": ["127.0.0.9"], "names": ["root"], "records": [
  ["acme.example", "TXT", "v=spf1 a:gone.example include:_spf.vendor.example -all"],
  ["_spf.vendor.example", "TXT", "v=spf1 ip6:2001:db8:25::/48 ip4:192.0.2.0/24 -all"],
  ["slow.example", "TIMEOUT"],
  ["two.example", "TXT", "v=spf1 -all"], ["two.example", "TXT", "v=spf1 +all"]]}]}
END
background dnsd python3 "$top_srcdir/tests/lib/dnsd.py" "$HOUSE/world.json" "$HOUSE/port"
until_true 10 test -s "$HOUSE/port" || bail "the DNS server does not start"
read -r port _ < "$HOUSE/port"
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
refused "an address is an address" 2 "not an IP" senderctl spf eval --ip 1.2.3 --mail-from a@b.example --helo c
refused "a timeout is a number" 2 "seconds" senderctl --dns-timeout soon spf eval --ip 192.0.2.1 \
	--mail-from a@b.example --helo c
refused "a resolver is an address" 2 "address of a DNS server" senderctl --resolver dns.example spf eval \
	--ip 192.0.2.1 --mail-from a@b.example --helo c

run senderctl spf lint --record 'v=spf1 ip4:123.4.5.678/90 -all' --json
status_is "lint finds faults: exit status 1" 1
is "both of them" "$(field "$output" '["findings"].__len__()')" 2
is "in their columns" "$(field "$output" '["findings"][0]["column"]')" 20
run senderctl spf lint --record 'v=spf1 include:_spf.vendor.example -all'
status_is "a good record has none" 0
run senderctl --resolver "127.0.0.1:$port" spf lint --domain acme.example --json
status_is "a domain's record is fetched" 0
is "and its includes are counted" "$(field "$output" '["tree"]["lookups"]')" 2
refused "two records are no record" 2 "more than one" senderctl --resolver "127.0.0.1:$port" spf lint --domain two.example
refused "no answer is no verdict" 3 "in time" senderctl --resolver "127.0.0.1:$port" --dns-timeout 0.5 \
	spf lint --domain slow.example

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

merge() { run senderctl --resolver "127.0.0.1:$port" --json spf merge --relay 192.0.2.25 --add include:_spf.vendor.example "$@"; }
merge --record 'v=spf1 ip4:198.51.100.0/24 -all' --prove
status_is "a record is merged" 0
is "before its all" "$(field "$output" '["record"]')" 'v=spf1 ip4:198.51.100.0/24 include:_spf.vendor.example -all'
is "our relay fails before and passes after" \
	"$(field "$output" '["proof"][0]["before"] + " " + json.loads(sys.argv[1])["proof"][0]["after"]')" "fail pass"
is "the edges of its range were tried, too" \
	"$(python3 -c 'import json,sys; p={r["address"]: r["before"] + r["after"] for r in json.loads(sys.argv[1])["proof"]}; print(p["198.51.100.0"], p["198.51.100.255"], p["198.51.99.255"], p["198.51.101.0"])' "$output")" \
	"passpass passpass failfail failfail"
is "and nobody else's result changed" \
	"$(python3 -c 'import json,sys; print(all(r["good"] for r in json.loads(sys.argv[1])["proof"]))' "$output")" True
run senderctl --resolver "127.0.0.1:$port" --json spf merge --relay 192.0.2.25 --add include:nowhere.example \
	--record 'v=spf1 ip4:198.51.100.0/24 -all' --prove
status_is "what the trial disproves is refused" 4
is "and called so" "$(field "$output" '["outcome"]')" refused
finish
