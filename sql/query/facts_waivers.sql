-- facts_waivers: what is done without, and why
-- in:  $1 provider_id bigint, $2 client_id bigint or NULL, $3 domain_id bigint or NULL
-- out: domain_id, purpose, reason
SELECT w.domain_id, w.purpose, w.reason
  FROM waiver w
  JOIN domain d ON d.provider_id = w.provider_id AND d.id = w.domain_id
 WHERE w.provider_id = $1 AND w.ended_at IS NULL AND d.retired_at IS NULL
   AND ($2::bigint IS NULL OR d.client_id = $2) AND ($3::bigint IS NULL OR d.id = $3)
 ORDER BY w.domain_id, w.purpose
