-- keyd_relay: a relay, the key it is enrolled with, and the number of the next one
-- in:  $1 provider_id, $2 id
-- out: provider_uuid, uuid, name, retired, next_version, version, public_key, mac, fingerprint
SELECT p.uuid AS provider_uuid, r.uuid, r.name, r.retired_at IS NOT NULL AS retired,
       (SELECT coalesce(max(o.version), 0) + 1 FROM relay_key o
         WHERE o.provider_id = r.provider_id AND o.relay_id = r.id) AS next_version,
       k.version, k.public_key, k.mac, k.fingerprint
  FROM relay r
  JOIN provider p ON p.provider_id = r.provider_id
  LEFT JOIN relay_key k ON k.provider_id = r.provider_id AND k.relay_id = r.id AND k.retired_at IS NULL
 WHERE r.provider_id = $1::bigint AND r.id = $2::bigint
