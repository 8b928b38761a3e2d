#!/bin/bash
# Keys made ahead: nobody waits for a prime, none is used twice, none is anybody's before it is taken.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

waiting() { look "SELECT count(*) FROM pool_key"; }
filled() { [ "$(waiting)" = "$1" ]; }
made() { grep -c . <<< "$(senderctl key list --json | python3 -c 'import json,sys; [print(k["selector"]) for k in json.load(sys.stdin)]')"; }

senderctl() { command senderctl --config "$HOUSE/senderctl.conf" "$@"; }

printf 'keys {\n\tpool = 6\n\tkeygen = bn\n}\n' > "$HOUSE/senderctl.conf"
house_up
printf 'keys { pool = many }\n' > "$HOUSE/wrong.conf"
refused "a pool is a number" 2 "a number from 0 to 10000" command senderctl --config "$HOUSE/wrong.conf" status
printf 'keys { keygen = quick }\n' > "$HOUSE/wrong.conf"
refused "there are two ways to a key" 2 "evp bn" command senderctl --config "$HOUSE/wrong.conf" status
run command senderkeyd --keygen quick --master-key x --socket y --database z
has "and the service says so too" "$complaint" "--keygen is evp or bn"
senderctl provider add lms --title Vendor --hosting-domain lms.vendor.example \
	--default-sender no@lms.vendor.example --spf-host _spf.lms.vendor.example > /dev/null
senderctl client add lms/acme --title Acme > /dev/null
senderctl login add lms/acme app > /dev/null
for i in 1 2 3 4; do
	senderctl sender add lms/acme info@acme$i.example --mode relayed --login app > /dev/null
done
keyd=$(keyd_pid)
ok "it is filled in quiet moments, without anybody asking" until_true 90 filled 6
has "doctor counts them" "$(senderctl doctor)" "keys made ahead: 6"
is "each is sealed under a key for the pool, and none under the provider's own" \
	"$(look "SELECT k.kind, count(*) FROM pool_key p JOIN kek k ON (k.provider_id, k.id) = (p.provider_id, p.kek_id) GROUP BY 1")" "pool|6"

look "CREATE TABLE before AS SELECT public_key FROM pool_key" > /dev/null
kill -STOP $(pgrep -P "$keyd") # no prime can be found now
run senderctl key generate --all
status_is "keys are given out while none can be made" 0
is "to every domain" "$(made)" 4
is "each of them waited in the pool" \
	"$(look "SELECT count(DISTINCT k.public_key) FROM dkim_key k JOIN before USING (public_key)")" 4
is "and waits there no longer" "$(look "SELECT count(*) FROM pool_key p JOIN dkim_key k USING (public_key)")" 0
kill -CONT $(pgrep -P "$keyd")
ok "the pool is filled again" until_true 90 filled 6

# what was moved to another row does not open
look "UPDATE pool_key p SET sealed = q.sealed FROM pool_key q WHERE q.id = (SELECT max(id) FROM pool_key) AND p.id = (SELECT min(id) FROM pool_key)" > /dev/null
run senderctl key generate acme1.example --standby
ok "a sealed key that was moved does not open" test "$status" != 0
has "and that is said" "$output$complaint" "another row"
is "nothing was taken" "$(waiting)" 6
look "DELETE FROM pool_key WHERE id = (SELECT min(id) FROM pool_key)" > /dev/null
run senderctl key generate acme1.example --standby
status_is "the next one serves" 0

# taken by several at once
before=$(made)
for i in 2 3 4; do
	(senderctl key generate acme$i.example --standby > /dev/null 2>&1) &
done
wait
is "several at once get one each" "$(made)" $((before + 3))
is "no key twice" "$(look "SELECT count(*) - count(DISTINCT public_key) FROM (SELECT public_key FROM dkim_key UNION ALL SELECT public_key FROM pool_key) x")" 0

look "UPDATE pool_key SET created_at = created_at - interval '31 days'" > /dev/null
old=$(waiting)
ok "some wait for a month" test "$old" -gt 0
kill "$keyd"
until_true 10 bash -c "! kill -0 $keyd 2> /dev/null"
senderctl up > /dev/null
forgotten() { [ "$(look "SELECT count(*) FROM pool_key WHERE created_at < now() - interval '30 days'")" = 0 ]; }
ok "what waited for a month is thrown away ($old)" until_true 30 forgotten
finish
