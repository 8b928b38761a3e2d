-- keyd_signer_stale: keys of the service itself that are not wrapped under this master key
-- in:  $1 mk_uuid, $2 mk_version
-- out: uuid, version, public_key, mk_uuid, mk_version, sealed
SELECT uuid, version, public_key, mk_uuid, mk_version, sealed
  FROM keyd_key
 WHERE (mk_uuid, mk_version) <> ($1::uuid, $2::int)
 ORDER BY uuid, version
   FOR UPDATE
