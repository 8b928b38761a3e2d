-- provider_needed: what a provider still has in use
-- in:  $1 provider_id bigint, $2 id bigint
-- out: what
SELECT 'client ' || name AS what
  FROM client WHERE provider_id = $1::bigint AND provider_id = $2::bigint AND retired_at IS NULL
UNION ALL
SELECT 'relay ' || name
  FROM relay WHERE provider_id = $1 AND retired_at IS NULL
 ORDER BY 1;
