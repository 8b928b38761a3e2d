-- keyd_officer_list: the officers of a provider who have not left
-- in:  $1 provider_id
-- out: id, provider_uuid, uuid, name, public_key, mac, added_by, added_uid, added_at, confirmed, retired
SELECT o.id, p.uuid AS provider_uuid, o.uuid, o.name, o.public_key, o.mac, o.added_by, o.added_uid,
       extract(epoch FROM o.created_at)::bigint AS added_at, o.confirmed_at IS NOT NULL AS confirmed,
       o.retired_at IS NOT NULL AS retired
  FROM officer o
  JOIN provider p ON p.provider_id = o.provider_id
 WHERE o.provider_id = $1::bigint AND o.retired_at IS NULL
 ORDER BY o.id
