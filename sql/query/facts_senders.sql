-- facts_senders: the sender addresses in use, by domain
-- in:  $1 provider_id bigint, $2 domain_ids bigint[]
-- out: domain_id, address, display_name, reply_to, url, audience
SELECT d.id AS domain_id, s.address, s.display_name,
       coalesce(s.reply_to, CASE d.mode WHEN 'hosted' THEN c.reply_to END) AS reply_to, i.url, i.audience
  FROM unnest($2::bigint[]) AS wanted (id)
  JOIN domain d ON d.provider_id = $1 AND d.id = wanted.id
  JOIN sender s ON s.provider_id = d.provider_id AND s.domain = d.name
  JOIN client c ON c.provider_id = s.provider_id AND c.id = s.client_id
  LEFT JOIN site i ON i.provider_id = s.provider_id AND i.id = s.site_id
 WHERE s.retired_at IS NULL AND d.retired_at IS NULL
 ORDER BY d.id, s.address
