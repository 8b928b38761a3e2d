-- facts_keys: keys whose records matter still, with the state they are in
-- in:  $1 provider_id bigint, $2 client_id bigint or NULL, $3 domain_id bigint or NULL
-- out: domain_id, id, selector, algorithm, bits, public_key, publish, state, standby
SELECT k.domain_id, k.id, k.selector, k.algorithm, k.bits, k.public_key, k.publish,
       dkim_key_state(k) AS state, k.standby
  FROM dkim_key k
  JOIN domain d ON d.provider_id = k.provider_id AND d.id = k.domain_id
 WHERE k.provider_id = $1 AND d.retired_at IS NULL
   AND ($2::bigint IS NULL OR d.client_id = $2) AND ($3::bigint IS NULL OR d.id = $3)
   AND (dkim_key_state(k) IN ('generated', 'publish-pending', 'published', 'active', 'retiring')
        OR k.publish_pending_at IS NOT NULL AND dkim_key_since(k) > now() - interval '90 days')
 ORDER BY k.domain_id, k.generated_at, k.id
