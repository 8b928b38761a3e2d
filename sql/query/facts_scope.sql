-- facts_scope: the sender domains in use, of a provider, one client, or one alone
-- in:  $1 provider_id bigint, $2 client_id bigint or NULL, $3 domain_id bigint or NULL
-- out: id
SELECT d.id
  FROM domain d
 WHERE d.provider_id = $1 AND d.retired_at IS NULL
   AND ($2::bigint IS NULL OR d.client_id = $2) AND ($3::bigint IS NULL OR d.id = $3)
 ORDER BY d.name
