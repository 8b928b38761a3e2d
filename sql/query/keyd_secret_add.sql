-- keyd_secret_add: the sealed private half of a key
-- in:  $1 provider_id, $2 key_id, $3 version, $4 kek_id, $5 sealed
-- out:
INSERT INTO dkim_secret (provider_id, key_id, version, kek_id, sealed)
VALUES ($1::bigint, $2::bigint, $3::int, $4::bigint, $5::bytea)
