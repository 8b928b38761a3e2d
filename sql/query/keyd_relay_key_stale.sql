-- keyd_relay_key_stale: enrolments whose MAC is not of this master key, from one on
-- in:  $1 mk_uuid, $2 mk_version, $3 provider_id, $4 relay_id, $5 version, $6 most
-- out: provider_id, relay_id, version, provider_uuid, relay_uuid, public_key, mac
SELECT k.provider_id, k.relay_id, k.version, p.uuid AS provider_uuid, r.uuid AS relay_uuid, k.public_key, k.mac
  FROM relay_key k
  JOIN provider p ON p.provider_id = k.provider_id
  JOIN relay r ON r.provider_id = k.provider_id AND r.id = k.relay_id
 WHERE (k.mk_uuid, k.mk_version) IS DISTINCT FROM ($1::uuid, $2::int)
   AND (k.provider_id, k.relay_id, k.version) > ($3::bigint, $4::bigint, $5::int)
 ORDER BY k.provider_id, k.relay_id, k.version
 LIMIT $6::int
   FOR UPDATE OF k
