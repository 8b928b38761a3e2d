-- keyd_officer_stale: officers whose MAC is not of this master key, from one on
-- in:  $1 mk_uuid, $2 mk_version, $3 provider_id, $4 id, $5 most
-- out: provider_id, id, provider_uuid, uuid, name, public_key, mac, added_by, added_uid, added_at, confirmed, retired
SELECT o.provider_id, o.id, p.uuid AS provider_uuid, o.uuid, o.name, o.public_key, o.mac, o.added_by, o.added_uid,
       extract(epoch FROM o.created_at)::bigint AS added_at, o.confirmed_at IS NOT NULL AS confirmed,
       o.retired_at IS NOT NULL AS retired
  FROM officer o
  JOIN provider p ON p.provider_id = o.provider_id
 WHERE (o.mk_uuid, o.mk_version) IS DISTINCT FROM ($1::uuid, $2::int)
   AND (o.provider_id, o.id) > ($3::bigint, $4::bigint)
 ORDER BY o.provider_id, o.id
 LIMIT $5::int
   FOR UPDATE OF o
