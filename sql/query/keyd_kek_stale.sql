-- keyd_kek_stale: keys of providers that are not wrapped under this master key, from one on
-- in:  $1 mk_uuid, $2 mk_version, $3 provider_id, $4 id, $5 most
-- out: provider_id, id, provider_uuid, uuid, version, kind, mk_uuid, mk_version, sealed, commitment
WITH page AS MATERIALIZED ( -- a page of the index, whatever the planner knows of the rest
    SELECT *
      FROM kek
     WHERE (mk_uuid, mk_version) <> ($1::uuid, $2::int) AND (provider_id, id) > ($3::bigint, $4::bigint)
     ORDER BY provider_id, id
     LIMIT $5::int
       FOR UPDATE
)
SELECT k.provider_id, k.id, p.uuid AS provider_uuid, k.uuid, k.version, k.kind, k.mk_uuid, k.mk_version, k.sealed,
       k.commitment
  FROM page k
  JOIN provider p ON p.provider_id = k.provider_id
 ORDER BY k.provider_id, k.id
