-- domain_needed: senders in a domain
-- in:  $1 provider_id bigint, $2 id bigint
-- out: what
SELECT 'sender ' || s.address AS what
  FROM domain d JOIN sender s ON s.provider_id = d.provider_id AND s.domain = d.name
 WHERE d.provider_id = $1::bigint AND d.id = $2::bigint AND s.retired_at IS NULL
 ORDER BY 1;
