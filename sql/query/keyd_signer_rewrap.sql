-- keyd_signer_rewrap: the same key, wrapped under another master key
-- in:  $1 uuid, $2 version, $3 sealed, $4 mk_uuid, $5 mk_version
-- out:
UPDATE keyd_key SET sealed = $3::bytea, mk_uuid = $4::uuid, mk_version = $5::int
 WHERE uuid = $1::uuid AND version = $2::int
