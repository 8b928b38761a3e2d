-- smarthost_needed: domains whose mail leaves through it
-- in:  $1 provider_id bigint, $2 id bigint
-- out: what
SELECT 'domain ' || name AS what
  FROM domain
 WHERE provider_id = $1::bigint AND smarthost_id = $2::bigint AND retired_at IS NULL
 ORDER BY 1;
