#!/bin/bash
# Hostile DNS: what strangers publish costs at most their own verdict.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99

good=8
python3 - "$HOUSE" "$good" <<'END'
import json, sys
house, good = sys.argv[1], int(sys.argv[2])
full = '%{d}' * 127
hostile = {'exp': 'v=spf1 -all exp=x.exp.example', 'long': 'v=spf1 -all exp=x.long.example',
           'exists': f'v=spf1 exists:{full}{"A" * 4000}.example -all', 'other': f'v=spf1 z={full}{"A" * 4000} -all',
           'loop': 'v=spf1 include:loop.example -all', 'nul': 'v=spf1 ip4:192.0.2.25\0 -all',
           'many': 'v=spf1 ' + ' '.join(f'ip4:10.{i // 100}.{i % 100}.1' for i in range(300)) + ' include:_spf.vendor.example -all',
           'wide': 'v=spf1 ' + ' '.join(f'a:h{i}.wide.example' for i in range(12)) + ' -all'}
records = [[f'good{i}.example', 'TXT', 'v=spf1 include:_spf.vendor.example -all'] for i in range(good)]
records += [[f'{name}.example', 'TXT', text] for name, text in hostile.items()]
records += [['x.exp.example', 'TXT', full + 'A' * 10], ['x.long.example', 'TXT', full + 'A' * 4000],
            *[[f'h{i}.wide.example', 'A', '198.51.100.1'] for i in range(12)],
            ['_spf.vendor.example', 'TXT', 'v=spf1 ip4:192.0.2.25 -all']]
for name, mode in (('well', {}), ('slow', {'127.0.0.1': 'slow'})):
    with open(f'{house}/{name}.json', 'w') as file:
        json.dump({'zones': [{'apex': '', 'servers': ['127.0.0.9'], 'names': ['root']},
                             {'apex': 'example', 'servers': ['127.0.0.2'], 'records': records}], 'modes': mode}, file)
clients = [{'name': name, 'title': name, 'contact': 'it@acme.example', 'senders': [
    {'address': f'a@{name}.example', 'mode': 'relayed', 'dkim': False}]}
    for name in [f'good{i}' for i in range(good)] + list(hostile)]
with open(f'{house}/vendor.json', 'w') as file:
    json.dump({'providers': [{'name': 'lms', 'title': 'Vendor', 'hosting_domain': 'learning.vendor.example',
        'default_sender': 'noreply@vendor.example', 'spf_host': '_spf.vendor.example',
        'relays': [{'name': 'mx1', 'helo': 'mx1.vendor.example', 'addresses': ['192.0.2.25']}],
        'clients': clients}]}, file)
END
house_up
run senderctl import "$HOUSE/vendor.json"
status_is "good and hostile clients are imported" 0

serve() {
	cp "$HOUSE/$1.json" "$HOUSE/world.new" && mv "$HOUSE/world.new" "$HOUSE/world.json"
	[ ! -s "$HOUSE/port" ] || until_true 10 served
}
serve well
names_up
echo "dns { resolvers = {\"127.0.0.1:$port\"} authoritative_port = $port timeout = 5.0 }" > "$SENDERCTL_CONFIG"
# spf DOMAIN KEY: what the last check says of its SPF
spf() {
	python3 -c 'import json,sys
print(*[r[sys.argv[3]] for d in json.loads(sys.argv[1])["domains"] if d["domain"] == sys.argv[2] for r in d["requirements"] if r["purpose"] == "spf"])' \
		"$output" "$1.example" "$2"
}
states() { # how often each state of SPF, of the domains whose name begins like this
	python3 -c 'import json,sys,collections
print(dict(collections.Counter(r["state"] for d in json.loads(sys.argv[1])["domains"] if d["domain"].startswith(sys.argv[2])
      for r in d["requirements"] if r["purpose"] == "spf")))' "$output" "$1"
}

run senderctl check --all --json
status_is "a bulk check with records that crash libspf2 comes to its end" 1
is "no evaluation died of them" "$(field "$output" '["internal_errors"]')" 0
is "every good domain passes" "$(states good)" "{'match': $good}"
is "the crash by explanation is an ordinary fail" "$(spf exp state) $(spf long state)" "missing missing"
has "a term that cannot be is named, with its column" "$(spf exists explanation)" "column"
is "so it is no pass" "$(spf exists state) $(spf other state)" "missing missing"
has "who includes itself is over the limit" "$(spf loop explanation)" "more than 10"
has "a NUL is no end" "$(spf nul explanation)" "column 22"
is "a match behind 300 terms is found" "$(spf many state)" match
has "an eleventh look-up is a permerror" "$(spf wide explanation)" "more than 10"

before=$output

# The evaluator dies while twenty domains wait for an answer: at most one verdict is lost.
serve slow
senderctl check --all --json > "$HOUSE/answer" 2> /dev/null &
asker=$!
house_pids+=("$asker")
until_true 10 grep -q . "/proc/$asker/task/$asker/children"
read -r worker _ < "/proc/$asker/task/$asker/children"
until_true 10 grep -q '^Seccomp:.2' "/proc/$worker/status"
sleep 0.7
kill -KILL "$worker"
wait "$asker"
output=$(cat "$HOUSE/answer")
is "one evaluation died" "$(field "$output" '["internal_errors"]')" 1
is "at most one domain is unknown by it, the others are what they were" \
	"$(python3 -c 'import json,sys
def states(answer):
    return {d["domain"]: r["state"] for d in json.loads(answer)["domains"] for r in d["requirements"] if r["purpose"] == "spf"}
before, after = states(sys.argv[1]), states(sys.argv[2])
changed = [(name, after[name]) for name in before if after[name] != before[name]]
print(len(after), len(changed) <= 1 and all(state == "unknown" for _, state in changed))' "$before" "$output")" "$((good + 8)) True"
run senderctl check --all --json
is "the next check knows them all again" "$(field "$output" '["internal_errors"]') $(states good)" "0 {'match': $good}"
finish
