-- keyd_pool_add: a key that waits for whoever needs one
-- in:  $1 provider_id, $2 uuid, $3 algorithm, $4 bits, $5 public_key bytea, $6 kek_id, $7 sealed bytea
-- out:
INSERT INTO pool_key (provider_id, uuid, algorithm, bits, public_key, kek_id, sealed)
VALUES ($1::bigint, $2::uuid, $3::text, $4::int, $5::bytea, $6::bigint, $7::bytea)
