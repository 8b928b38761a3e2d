-- client_needed: what a client still has in use
-- in:  $1 provider_id bigint, $2 id bigint
-- out: what
SELECT 'sender ' || address AS what
  FROM sender WHERE provider_id = $1::bigint AND client_id = $2::bigint AND retired_at IS NULL
UNION ALL
SELECT 'site ' || url FROM site WHERE provider_id = $1 AND client_id = $2 AND retired_at IS NULL
UNION ALL
SELECT 'login ' || name FROM login WHERE provider_id = $1 AND client_id = $2 AND retired_at IS NULL
UNION ALL
SELECT 'smarthost ' || host || ':' || port
  FROM smarthost WHERE provider_id = $1 AND client_id = $2 AND retired_at IS NULL
UNION ALL
SELECT 'domain ' || name FROM domain WHERE provider_id = $1 AND client_id = $2 AND retired_at IS NULL
 ORDER BY 1;
