-- keyd_officer_rewrap: the same officers, with a MAC of another master key
-- in:  $1 provider_id list, $2 id list, $3 mac list, $4 mk_uuid, $5 mk_version
-- out:
UPDATE officer o SET mac = n.mac, mk_uuid = $4::uuid, mk_version = $5::int
  FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) AS n (provider_id, id, mac)
 WHERE o.provider_id = n.provider_id AND o.id = n.id
