-- generation_add: the next numbered state of a relay
-- in:  $1 provider_id, $2 relay_id, $3 number, $4 digest, $5 snapshot_at, $6 senders, $7 domains, $8 staged keys, $9 active keys
-- out: uuid
INSERT INTO generation (provider_id, relay_id, number, digest, snapshot_at, senders, domains, staged_keys, active_keys)
VALUES ($1::bigint, $2::bigint, $3::bigint, $4::bytea, $5::timestamptz, $6::bigint, $7::bigint[], $8::bigint[], $9::bigint[])
RETURNING uuid;
