-- site_needed: senders tied to a site, and hosted ones whose domain is its host
-- in:  $1 provider_id bigint, $2 id bigint
-- out: what
SELECT 'sender ' || s.address AS what
  FROM site t
  JOIN sender s ON s.provider_id = t.provider_id AND s.retired_at IS NULL
  JOIN domain d ON d.provider_id = t.provider_id AND d.name = s.domain
 WHERE t.provider_id = $1::bigint AND t.id = $2::bigint
   AND (s.site_id = t.id OR (d.hosted_host = t.host AND d.client_id = t.client_id))
 ORDER BY 1;
