-- facts_waivers: what is done without, and why
-- in:  $1 provider_id bigint, $2 domain_ids bigint[]
-- out: domain_id, purpose, reason
SELECT w.domain_id, w.purpose, w.reason
  FROM unnest($2::bigint[]) AS wanted (id)
  JOIN domain d ON d.provider_id = $1 AND d.id = wanted.id
  JOIN waiver w ON w.provider_id = d.provider_id AND w.domain_id = d.id
 WHERE w.ended_at IS NULL AND d.retired_at IS NULL
 ORDER BY w.domain_id, w.purpose
