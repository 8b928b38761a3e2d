-- keyd_kek_stale: keys of providers that are not wrapped under this master key, from one on
-- in:  $1 mk_uuid, $2 mk_version, $3 provider_id, $4 id, $5 most
-- out: provider_id, id, provider_uuid, uuid, version, kind, mk_uuid, mk_version, sealed, commitment
SELECT k.provider_id, k.id, p.uuid AS provider_uuid, k.uuid, k.version, k.kind, k.mk_uuid, k.mk_version, k.sealed,
       k.commitment
  FROM kek k
  JOIN provider p ON p.provider_id = k.provider_id
 WHERE (k.mk_uuid, k.mk_version) <> ($1::uuid, $2::int) AND (k.provider_id, k.id) > ($3::bigint, $4::bigint)
 ORDER BY k.provider_id, k.id
 LIMIT $5::int
   FOR UPDATE OF k
