-- keyd_password_add: the sealed password of a customer's server
-- in:  $1 provider_id, $2 smarthost_id, $3 version, $4 kek_id, $5 sealed
-- out:
INSERT INTO smarthost_secret (provider_id, smarthost_id, version, kek_id, sealed)
VALUES ($1::bigint, $2::bigint, $3::int, $4::bigint, $5::bytea)
