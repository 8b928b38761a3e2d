-- keyd_kek_add: a new key-encryption key
-- in:  $1 provider_id, $2 uuid, $3 version, $4 kind, $5 mk_uuid, $6 mk_version, $7 sealed
-- out: id
INSERT INTO kek (provider_id, uuid, version, kind, mk_uuid, mk_version, sealed)
VALUES ($1::bigint, $2::uuid, $3::int, $4::text, $5::uuid, $6::int, $7::bytea)
RETURNING id
