-- facts_domains: the sender domains in use, of a provider, one client, or one alone
-- in:  $1 provider_id bigint, $2 client_id bigint or NULL, $3 domain_id bigint or NULL
-- out: id, name, client_id, client, mode, envelope_domain, dkim, publish, smarthost_id, host, port, tls, auth_user
SELECT d.id, d.name, d.client_id, c.name AS client, d.mode, d.envelope_domain, d.dkim,
       coalesce(d.dkim_publish, p.dkim_publish) AS publish,
       d.smarthost_id, s.host, s.port, s.tls, s.auth_user
  FROM domain d
  JOIN provider p ON p.provider_id = d.provider_id
  JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id
  LEFT JOIN smarthost s ON s.provider_id = d.provider_id AND s.id = d.smarthost_id
 WHERE d.provider_id = $1 AND d.retired_at IS NULL
   AND ($2::bigint IS NULL OR d.client_id = $2) AND ($3::bigint IS NULL OR d.id = $3)
 ORDER BY d.id
