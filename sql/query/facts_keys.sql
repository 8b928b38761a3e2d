-- facts_keys: keys of these domains whose records matter still, with the state they are in
-- in:  $1 provider_id bigint, $2 domain_ids bigint[]
-- out: domain_id, id, selector, algorithm, bits, public_key, publish, state, standby
SELECT k.domain_id, k.id, k.selector, k.algorithm, k.bits, k.public_key, k.publish,
       dkim_key_state(k) AS state, k.standby
  FROM unnest($2::bigint[]) AS wanted (id)
  JOIN domain d ON d.provider_id = $1 AND d.id = wanted.id
  JOIN dkim_key k ON k.provider_id = d.provider_id AND k.domain_id = d.id
 WHERE d.retired_at IS NULL
   AND (dkim_key_state(k) IN ('generated', 'publish-pending', 'published', 'active', 'retiring')
        OR k.publish_pending_at IS NOT NULL AND dkim_key_since(k) > now() - interval '90 days')
 ORDER BY k.domain_id, k.generated_at, k.id
