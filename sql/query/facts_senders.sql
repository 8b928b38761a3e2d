-- facts_senders: the sender addresses in use, by domain
-- in:  $1 provider_id bigint, $2 client_id bigint or NULL, $3 domain_id bigint or NULL
-- out: domain_id, address, display_name, reply_to, url, audience
SELECT d.id AS domain_id, s.address, s.display_name, 
       coalesce(s.reply_to, CASE d.mode WHEN 'hosted' THEN c.reply_to END) AS reply_to, i.url, i.audience
  FROM sender s
  JOIN domain d ON d.provider_id = s.provider_id AND d.name = s.domain
  JOIN client c ON c.provider_id = s.provider_id AND c.id = s.client_id
  LEFT JOIN site i ON i.provider_id = s.provider_id AND i.id = s.site_id
 WHERE s.provider_id = $1 AND s.retired_at IS NULL AND d.retired_at IS NULL
   AND ($2::bigint IS NULL OR d.client_id = $2) AND ($3::bigint IS NULL OR d.id = $3)
 ORDER BY d.id, s.address
