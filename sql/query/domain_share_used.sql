-- domain_share_used: senders that a client has, or had, in a domain
-- in:  $1 provider_id bigint, $2 domain text, $3 client_id bigint
-- out: what
SELECT 'sender ' || address || CASE WHEN retired_at IS NULL THEN '' ELSE ' (retired)' END AS what
  FROM sender
 WHERE provider_id = $1::bigint AND domain = $2::text AND client_id = $3::bigint
 ORDER BY retired_at IS NOT NULL, address;
