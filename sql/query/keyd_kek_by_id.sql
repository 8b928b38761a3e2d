-- keyd_kek_by_id: the key that a row names, in use or not
-- in:  $1 provider_id, $2 id
-- out: id, provider_uuid, uuid, version, kind, mk_uuid, mk_version, sealed
SELECT k.id, p.uuid AS provider_uuid, k.uuid, k.version, k.kind, k.mk_uuid, k.mk_version, k.sealed
  FROM kek k
  JOIN provider p ON p.provider_id = k.provider_id
 WHERE k.provider_id = $1::bigint AND k.id = $2::bigint
