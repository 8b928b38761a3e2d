#!/bin/bash
# A relay's configuration: shown, written, compared, and unsealed where it belongs.
. "$top_srcdir/tests/lib/house.sh"
house_up
run senderctl import "$top_srcdir/doc/examples/vendor.json"
status_is "the vendor is there" 0

refused "without an identity nothing is sealed" 4 "identity" senderctl export lms/mx1 --output "$HOUSE/one"
run senderctl relay keygen --identity "$HOUSE/identity" --json
status_is "a relay makes its identity" 0
identity=$(senderctl-relay show --identity "$HOUSE/identity" | sed -n 's/^identity //p')
run senderctl relay enrol lms/mx1 "$identity"
status_is "and is enrolled" 0
run senderctl key generate --all
status_is "every domain has a key" 0

run senderctl export lms/mx1 --output "$HOUSE/one" --json
is "everything is withheld before it was published" "$(field "$output" '["senders"]')" 0
is "and each has its reason" "$(field "$output" '["withheld"]' | grep -c "'reason': ''")" 0
is "no private key stands outside the bundle" "$(grep -rlE 'PRIVATE KEY|^-----BEGIN' "$HOUSE/one" | wc -l)" 0
digest=$(field "$output" '["digest"]')
run senderctl export lms/mx1 --output "$HOUSE/two" --json
is "the same data gives the same bytes" "$(field "$output" '["digest"]')" "$digest"
run senderctl export diff lms/mx1 "$HOUSE/one"
has_not "nothing differs; withheld is status 1" "$(grep -E "^(postfix|opendkim)" <<< "$output" | sed "s/ *same  *0  *0//")" " "
status_is "withheld senders are status 1" 1

signer=$(senderctl doctor --json | grep -o 'sks1:[A-Za-z0-9+/=]*' | head -n 1)
refused "a folder that is not an export is refused" 4 "" senderctl relay install "$HOUSE" --root "$HOUSE/root" --no-reload
printf 'relay { name = "lms/mx1" identity = "%s" }\n' "$HOUSE/identity" > "$SENDERCTL_CONFIG"
cp -r "$HOUSE/one" "$HOUSE/forged" && printf x >> "$HOUSE/forged/BUNDLE"
run senderctl relay install "$HOUSE/forged" --root "$HOUSE/root" --signer "${signer:-sks1:AAAA}" --no-reload
is "a bundle that was touched is refused" "$status" 4
ok "and nothing of it is installed" test ! -e "$HOUSE/root/current"

# ---------------------------------------------------------------- right behind an import, before any statistics

python3 - > "$HOUSE/many.json" <<-'END'
	import json
	print(json.dumps({"providers": [{"name": "lms", "clients": [{"name": "many", "title": "Many", "logins": ["many-app"],
	    "senders": [{"address": "news@d%d.many.example" % i, "mode": "relayed"} for i in range(1500)]}]}]}))
END
run senderctl import "$HOUSE/many.json"
status_is "a client with 1,500 domains comes" 0
run timeout 60 senderctl export lms/mx1 --output "$HOUSE/three" --json
status_is "and is exported at once, not pair by pair" 1
is "each sender is looked at" "$(grep -o 'news@d[0-9]*\.many\.example' <<< "$output" | sort -u | wc -l)" 1500
finish
