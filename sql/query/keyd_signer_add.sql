-- keyd_signer_add: a new key to sign bundles with
-- in:  $1 uuid, $2 version, $3 public_key, $4 mk_uuid, $5 mk_version, $6 sealed
-- out:
INSERT INTO keyd_key (uuid, version, purpose, public_key, mk_uuid, mk_version, sealed)
VALUES ($1::uuid, $2::int, 'bundle', $3::bytea, $4::uuid, $5::int, $6::bytea)
