-- facts_domains: these sender domains of a provider, as far as they are in use
-- in:  $1 provider_id bigint, $2 domain_ids bigint[]
-- out: id, name, client_id, client, mode, envelope_domain, dkim, publish, smarthost_id, host, port, tls, auth_user
SELECT d.id, d.name, d.client_id, c.name AS client, d.mode, d.envelope_domain, d.dkim,
       coalesce(d.dkim_publish, p.dkim_publish) AS publish,
       d.smarthost_id, s.host, s.port, s.tls, s.auth_user
  FROM unnest($2::bigint[]) AS wanted (id)
  JOIN domain d ON d.provider_id = $1 AND d.id = wanted.id
  JOIN provider p ON p.provider_id = d.provider_id
  JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id
  LEFT JOIN smarthost s ON s.provider_id = d.provider_id AND s.id = d.smarthost_id
 WHERE d.retired_at IS NULL
 ORDER BY d.id
