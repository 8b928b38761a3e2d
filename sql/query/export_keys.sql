-- export_keys: the private halves that a provider's relays hold: those that sign, those that will or did
-- in:  $1 provider_id
-- out: id, uuid, domain, selector, algorithm
SELECT k.id, k.uuid, d.name AS domain, k.selector, k.algorithm
  FROM dkim_key k
  JOIN domain d ON d.provider_id = k.provider_id AND d.id = k.domain_id
 WHERE k.provider_id = $1::bigint
   AND d.retired_at IS NULL
   AND d.mode IN ('hosted', 'relayed')
   AND dkim_key_state(k, now()) IN ('publish-pending', 'published', 'active', 'retiring')
 ORDER BY d.name COLLATE "C", k.selector COLLATE "C";
