-- keyd_kek_current: the key of a provider that seals new things
-- in:  $1 provider_id, $2 kind
-- out: id, provider_uuid, uuid, version, kind, mk_uuid, mk_version, sealed
SELECT k.id, p.uuid AS provider_uuid, k.uuid, k.version, k.kind, k.mk_uuid, k.mk_version, k.sealed
  FROM kek k
  JOIN provider p ON p.provider_id = k.provider_id
 WHERE k.provider_id = $1::bigint AND k.kind = $2::text AND k.retired_at IS NULL
