-- keyd_key_sealed: private halves, and all that each is bound to
-- in:  $1 provider_id, $2 uuids
-- out: id, uuid, provider_uuid, client_uuid, domain, selector, algorithm, public_key, version, kek_id, sealed, state
SELECT k.id, k.uuid, p.uuid AS provider_uuid, k.client_uuid, d.name AS domain, k.selector, k.algorithm, k.public_key,
       s.version, s.kek_id, s.sealed, dkim_key_state(k, clock_timestamp()) AS state
  FROM dkim_key k
  JOIN dkim_secret s ON s.provider_id = k.provider_id AND s.key_id = k.id
  JOIN domain d ON d.provider_id = k.provider_id AND d.id = k.domain_id
  JOIN provider p ON p.provider_id = k.provider_id
 WHERE k.provider_id = $1::bigint AND k.uuid = ANY ($2::uuid[])
