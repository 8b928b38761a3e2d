-- keyd_relay_key_rewrap: the same enrolments, with a MAC of another master key
-- in:  $1 provider_id list, $2 relay_id list, $3 version list, $4 mac list, $5 mk_uuid, $6 mk_version
-- out:
UPDATE relay_key k SET mac = n.mac, mk_uuid = $5::uuid, mk_version = $6::int
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::bytea[]) AS n (provider_id, relay_id, version, mac)
 WHERE k.provider_id = n.provider_id AND k.relay_id = n.relay_id AND k.version = n.version
