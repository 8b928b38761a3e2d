-- keyd_kek_keys: private halves under one key, in pieces
-- in:  $1 provider_id, $2 kek_id, $3 after this id, $4 at most so many
-- out: id, uuid, provider_uuid, client_uuid, domain, selector, algorithm, public_key, version, kek_id, sealed, state
SELECT k.id, k.uuid, p.uuid AS provider_uuid, k.client_uuid, d.name AS domain, k.selector, k.algorithm, k.public_key,
       s.version, s.kek_id, s.sealed, dkim_key_state(k, clock_timestamp()) AS state
  FROM dkim_secret s
  JOIN dkim_key k ON k.provider_id = s.provider_id AND k.id = s.key_id
  JOIN domain d ON d.provider_id = k.provider_id AND d.id = k.domain_id
  JOIN provider p ON p.provider_id = k.provider_id
 WHERE s.provider_id = $1::bigint AND s.kek_id = $2::bigint AND s.key_id > $3::bigint
 ORDER BY s.key_id
 LIMIT $4::int
