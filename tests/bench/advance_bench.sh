#!/bin/bash
# key advance: of a hundred thousand keys a hundred are due.  What it takes, with ten thousand and with a
# hundred thousand around them; a figure is printed, nothing is asserted.
#
#	make bench-advance [BENCH_KEYS=100000]
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99

: "${BENCH_KEYS:=100000}"
past() { look "SET session_replication_role = replica; $1" > /dev/null; }

house_up
senderctl provider add lms --title Vendor --hosting-domain learning.vendor.example \
	--default-sender noreply@learning.vendor.example --spf-host _spf.learning.vendor.example > /dev/null
senderctl client add lms/acme --title Acme > /dev/null
p=$(look "SELECT provider_id FROM provider") client=$(look "SELECT id FROM client")

# Keys that sign and are not due; SQL, because nobody waits for so many primes.
fill() { # FROM TO
	past "INSERT INTO domain (provider_id, name, client_id, mode)
		SELECT $p, 'd' || i || '.example', $client, 'relayed' FROM generate_series($1, $2) i;
		INSERT INTO dkim_key (provider_id, uuid, domain_id, client_uuid, selector, algorithm, bits, public_key, publish,
			generated_at, publish_pending_at, seen_since, published_at, usable_at, active_at, rotate_at, probes)
		SELECT $p, gen_random_uuid(), d.id, gen_random_uuid(), 's202601a', 'rsa-sha256', 2048,
			decode(repeat(md5(d.name), 12), 'hex'), 'txt', b, b, b, b, b, b, b + '150 days'::interval, 3
		  FROM domain d, (SELECT now() - interval '10 days') t (b)
		 WHERE NOT EXISTS (SELECT FROM dkim_key k WHERE k.domain_id = d.id)"
	look "VACUUM ANALYZE dkim_key, domain" > /dev/null
}
# A hundred whose mail has arrived: they are retired, each in a transaction of its own.
ripen() {
	past "UPDATE dkim_key SET retiring_at = now() - interval '9 days', last_signed_at = now() - interval '9 days', rotate_at = NULL
		WHERE id IN (SELECT id FROM dkim_key WHERE retiring_at IS NULL ORDER BY id LIMIT 100)"
}
measure() { # KEYS
	local began ended
	for _ in 1 2 3; do
		ripen
		began=$(date +%s%N)
		senderctl key advance --json > "$HOUSE/advanced"
		ended=$(date +%s%N)
		echo "$1 keys, $(grep -c '"done": true' "$HOUSE/advanced") moved on: $(((ended - began) / 1000000)) ms"
	done
	began=$(date +%s%N)
	senderctl key advance > /dev/null
	echo "$1 keys, none due: $((($(date +%s%N) - began) / 1000000)) ms"
}

fill 1 $((BENCH_KEYS / 10))
measure $((BENCH_KEYS / 10))
fill $((BENCH_KEYS / 10 + 1)) "$BENCH_KEYS"
measure "$BENCH_KEYS"
