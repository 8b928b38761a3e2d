#!/bin/bash
# spf merge: no database, real DNS.  Whatever it advises, it has tried.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99

cat > "$HOUSE/world.json" <<'END_OF_WORLD'
{"zones": [{"apex": "", "servers": ["127.0.0.9"], "names": ["root"], "records": [
  ["_spf.vendor.example", "TXT", "v=spf1 ip6:2001:db8:25::/48 ip4:192.0.2.0/24 -all"],
  ["one.example", "TXT", "v=spf1 ip4:198.51.100.0/24 mx -all"], ["one.example", "TXT", "other=text"],
  ["one.example", "MX", [10, "mail.one.example"]], ["mail.one.example", "A", "203.0.113.25"],
  ["mail.one.example", "AAAA", "2001:db8:1::25"],
  ["two.example", "TXT", "v=spf1 ip4:198.51.100.1 -all"], ["two.example", "TXT", "v=spf1 ip4:198.51.100.2 ~all"],
  ["has.example", "TXT", "v=spf1 include:_spf.vendor.example ?all"],
  ["range.example", "TXT", "v=spf1 ip4:192.0.2.0/25 -all"],
  ["soft.example", "TXT", "v=spf1 ~include:_spf.vendor.example mx ~all"],
  ["soft.example", "MX", [10, "mail.one.example"]],
  ["shared.example", "TXT", "v=spf1 redirect=_list.shared.example"],
  ["_list.shared.example", "TXT", "v=spf1 ip4:198.51.100.7 -all"],
  ["never.example", "TXT", "v=spf1 -all"],
  ["broken.example", "TXT", "v=spf1 ip4:192.0.2.300 -all"],
  ["eleven.example", "TXT", "v=spf1 a:h1.example a:h2.example a:h3.example a:h4.example a:h5.example a:h6.example include:deep.example ptr -all"],
  ["deep.example", "TXT", "v=spf1 a:h7.example -all"],
  ["h1.example", "A", "198.51.100.11"], ["h2.example", "A", "198.51.100.12"], ["h3.example", "A", "198.51.100.13"],
  ["h4.example", "A", "198.51.100.14"], ["h5.example", "A", "198.51.100.15"], ["h6.example", "A", "198.51.100.16"],
  ["h7.example", "A", "198.51.100.17"],
  ["h1.example", "AAAA", "2001:db8:1::11"], ["h2.example", "AAAA", "2001:db8:1::12"], ["h3.example", "AAAA", "2001:db8:1::13"],
  ["h4.example", "AAAA", "2001:db8:1::14"], ["h5.example", "AAAA", "2001:db8:1::15"], ["h6.example", "AAAA", "2001:db8:1::16"],
  ["h7.example", "AAAA", "2001:db8:1::17"],
  ["wide.example", "TXT", "v=spf1 include:big.example -all"],
  ["big.example", "TXT", "@BIG@"],
  ["late.example", "TXT", "v=spf1 include:slow.example -all"],
  ["behind.example", "TXT", "v=spf1 ip4:198.51.100.1 redirect=slow.example"],
  ["slow.example", "TIMEOUT"]]}]}
END_OF_WORLD
sed -i "s|@BIG@|v=spf1 $(seq -f "ip4:10.%g.0.0/16" -s " " 0 199) -all|" "$HOUSE/world.json"
names_up
merge() { run senderctl --resolver "127.0.0.1:$port" --dns-timeout 1 spf merge --relay 192.0.2.25 --add include:_spf.vendor.example "$@"; }
# the proof of the last JSON answer: "before after" of an address
proof_of() { python3 -c 'import json,sys; print(*[r["before"] + " " + r["after"] for r in json.loads(sys.argv[1])["proof"] if r["address"] == sys.argv[2]])' "$output" "$1"; }
ways() { field "$output" 'and " ".join("%s:%d" % (w["way"], w["lookups"]) for w in json.loads(sys.argv[1])["alternatives"])'; }

# The text alone.
run senderctl spf merge --relay 192.0.2.25 --add include:_spf.vendor.example --record 'v=spf1  ?include:_spf.vendor.example  MX -all' --json
status_is "a record needs no DNS" 0
is "a qualifier is changed, all else stays as it was written" "$(field "$output" '["record"]')" \
	'v=spf1  include:_spf.vendor.example  MX -all'
is "nothing was tried, so nothing is proven" "$(field "$output" '["proven"]')" None
is "what all means is said" "$(field "$output" '["policy"]["all"]')" -all
has "for those who decide it" "$(field "$output" '["policy"]["explanation"]')" "before they look at DKIM"
run senderctl spf merge --relay 192.0.2.25 --add include:_spf.vendor.example --record 'v=spf1 mx ?all'
has "people are told so, too" "$output" "not tried: --prove"
has "the choice of \"?all\" is explained" "$output" "stops no forgery"
has "a list of addresses is offered" "$output" "v=spf1 mx ip4:192.0.2.25 ?all (29 octets)"
run senderctl spf merge --relay 192.0.2.25 --relay 2001:db8:25::1 --direct --record 'v=spf1 mx -all' --json
status_is "and made, when it is asked for" 0
is "in place of the include" "$(field "$output" '["record"]')" 'v=spf1 mx ip4:192.0.2.25 ip6:2001:db8:25::1 -all'
has "with its price" "$(field "$output" '["warnings"]')" "owes every change"
run senderctl --lang de spf merge --relay 192.0.2.25 --add include:_spf.vendor.example --record 'v=spf1 mx -all'
has "all of it is there in German" "$output" "wird vor"
refused "a wish is needed" 2 "--add" senderctl spf merge --record 'v=spf1 mx -all' --relay 192.0.2.25
refused "a term, not a record" 2 "a term is wanted, not a whole record" \
	senderctl spf merge --record 'v=spf1 mx -all' --add 'v=spf1 include:x.example -all' --relay 192.0.2.25
refused "not a bare name" 2 'did you mean "include:_spf.vendor.example"' \
	senderctl spf merge --record 'v=spf1 mx -all' --add _spf.vendor.example --relay 192.0.2.25
refused "nor a bare address" 2 'did you mean "ip6:2001:db8::1"' \
	senderctl spf merge --record 'v=spf1 mx -all' --add 2001:db8::1 --relay 192.0.2.25
refused "somewhere it stands" 2 "name --record or --domain" senderctl spf merge --direct --relay 192.0.2.25
refused "that authorises somebody" 2 "does not authorise" senderctl spf merge --record 'v=spf1 mx -all' --add -all --relay 192.0.2.25
refused "and a record" 2 "does not begin" senderctl spf merge --record 'mx -all' --direct --relay 192.0.2.25

# Tried.
merge --record 'v=spf1 ip4:198.51.100.0/24 -all' --prove --json
status_is "a record is merged and tried" 0
is "before its all" "$(field "$output" '["record"]')" 'v=spf1 ip4:198.51.100.0/24 include:_spf.vendor.example -all'
is "our relay fails before and passes after" "$(proof_of 192.0.2.25)" "fail pass"
is "the edges of its range were tried, too" \
	"$(proof_of 198.51.100.0), $(proof_of 198.51.100.255), $(proof_of 198.51.99.255), $(proof_of 198.51.101.0)" \
	"pass pass, pass pass, fail fail, fail fail"
is "so was the range of what was added" "$(proof_of 192.0.2.255), $(proof_of 192.0.3.0)" "fail pass, fail fail"
is "and nobody else's result changed" "$(field "$output" '["proven"]')" True
merge --domain one.example --prove
status_is "a domain is asked" 0
has "its mx passes as before" "$output" "2001:db8:1::25                          pass      -> pass"
has "who passes by the include is named" "$output" "passes by what was added"
has "and it is proven" "$output" "ours pass, nobody else's result changes"
merge --domain one.example --json
is "the record that goes is shown" "$(field "$output" '["records"][0]["action"]') $(field "$output" '["records"][0]["present"]')" \
	"replace v=spf1 ip4:198.51.100.0/24 mx -all"
is "with its price" "$(field "$output" '["lookups"]["worst"]')" 2
merge --domain two.example
has "of several records one is replaced" "$output" "replace: v=spf1 ip4:198.51.100.1 -all"
has "and the other deleted" "$output" "delete:  v=spf1 ip4:198.51.100.2 ~all"
merge --domain two.example --json
is "both let their servers pass now" "$(proof_of 198.51.100.1), $(proof_of 198.51.100.2)" "permerror pass, permerror pass"
is "which is proven" "$(field "$output" '["outcome"] + str(json.loads(sys.argv[1])["proven"])')" mergedTrue
merge --domain has.example --json
is "who is there already stays" "$(field "$output" '["outcome"]') $(field "$output" '["record"]')" \
	"unchanged v=spf1 include:_spf.vendor.example ?all"
merge --domain range.example --json
is "so does who passes by a range" "$(field "$output" '["outcome"]')" unchanged
merge --domain soft.example --json
is "a wrong qualifier is changed" "$(field "$output" '["record"]')" 'v=spf1 include:_spf.vendor.example mx ~all'
merge --domain shared.example --json
is "a redirect stays behind us" "$(field "$output" '["record"]')" \
	'v=spf1 include:_spf.vendor.example redirect=_list.shared.example'
is "where the list really is can be chosen" "$(field "$output" '["alternatives"][0]["way"]') $(field "$output" '["alternatives"][0]["record"]')" \
	"redirect-target v=spf1 ip4:198.51.100.7 include:_spf.vendor.example -all"
merge --domain nothing.example --json
is "a first record is an addition" "$(field "$output" '["records"][0]["action"]') $(field "$output" '["record"]')" \
	"add v=spf1 include:_spf.vendor.example ~all"

merge --domain nothing.example --prove
has "which changes everybody's result, and says so" "$output" "for others the result changes from none to softfail"
has_not "instead of that nothing changes" "$output" "nobody else's result changes"
merge --domain two.example --prove
has "of united records it is said what was before" "$output" "before, receivers answered permerror to everybody"
merge --record 'v=spf1 mx -all' --prove --json
is "a bare mx belongs to nobody: not proven" "$(field "$output" '["proven"]')" False
has "which is said" "$(field "$output" '["warnings"]')" "could not be tried"
merge --record 'v=spf1 mx -all' --prove
has_not "to people, too" "$output" "proven for"
merge --record 'v=spf1 mx -all' --domain one.example --prove --json
is "with its domain it is tried" "$(proof_of 203.0.113.25)" "pass pass"
is "and proven" "$(field "$output" '["proven"]')" True
is "what is published there does not count" "$(field "$output" '["records"][0]["present"]')" "v=spf1 mx -all"

# Refused.
merge --domain never.example --json
status_is "a domain that never sends is asked first" 4
is "it gets no record" "$(field "$output" '["record"]')" None
merge --domain never.example --sends-now --json
is "confirmed, it gets one" "$(field "$output" '["record"]')" 'v=spf1 include:_spf.vendor.example -all'
merge --domain broken.example
status_is "a broken record is not merged over" 4
like "but explained" "$output" 'broken.*column 20'
run senderctl --resolver "127.0.0.1:$port" --json spf merge --relay 192.0.2.25 --add include:nowhere.example \
	--record 'v=spf1 ip4:198.51.100.0/24 -all' --prove
status_is "an include without a record is refused" 4
has "it would hurt everybody" "$(field "$output" '["reason"]')" "everybody would get permerror"
run senderctl --resolver "127.0.0.1:$port" --json spf merge --relay 198.51.100.1 --add include:_spf.vendor.example \
	--record 'v=spf1 mx -all' --prove
status_is "what the trial disproves is refused" 4
is "and called so" "$(field "$output" '["outcome"] + str(json.loads(sys.argv[1])["proven"])')" refusedFalse
run senderctl --resolver "127.0.0.1:$port" --json spf merge --relay 203.0.113.99 --add include:_spf.vendor.example \
	--domain one.example
status_is "a relay that the include does not let in" 4
is "is named first" "$(field "$output" '["reason"]')" "203.0.113.99 is not let in by include:_spf.vendor.example"
is "the include is offered nowhere else" "$(ways)" "dkim-only:1 direct:1"
run senderctl --lang de --resolver "127.0.0.1:$port" spf merge --relay 203.0.113.99 --add include:_spf.vendor.example \
	--domain eleven.example --add a:h7.example
has "not even where another limit is hit" "$output" "wird von include:_spf.vendor.example a:h7.example nicht zugelassen"
has_not "in no subdomain" "$output" "v=spf1 include:_spf.vendor.example a:h7.example -all"
merge --domain eleven.example --json
status_is "ten look-ups are not too many" 0
merge --domain eleven.example --add a:h7.example --json
status_is "an eleventh look-up is refused" 4
is "with what can be done, in its order" "$(ways)" \
	"mail-from-subdomain:9 dkim-only:9 direct:9 clean-up:10"
is "each with what would stand there" "$(field "$output" '["alternatives"][2]["octets"]')" 129
merge --domain eleven.example --add a:h7.example
has "people read it as a list" "$output" "4. \"ptr\" is slow"

# Not told.
merge --domain late.example --json
status_is "without an answer it is not proven: could not tell" 3
is "the record is shown" "$(field "$output" '["record"]')" 'v=spf1 include:slow.example include:_spf.vendor.example -all'
is "but not called proven" "$(field "$output" '["proven"]')" False
has "and that is said" "$(field "$output" '["warnings"]')" "could not be proven that all relays pass"
merge --domain behind.example
status_is "when only others could not be told, ours is done" 0
has_not "and still nothing is proven" "$output" "proven for"
has "which is said" "$output" "nothing is proven"
merge --domain wide.example --json
is "of a long list of others a part is tried" "$(field "$output" '["outcome"]')" merged
has "and that it is a part is said" "$(field "$output" '["warnings"]')" "more addresses than the"
refused "a domain that does not answer" 3 "could not tell" senderctl --resolver "127.0.0.1:$port" --dns-timeout 0.5 \
	spf merge --domain slow.example --add include:_spf.vendor.example --relay 192.0.2.25
finish
