-- scope_domain: sender domains of this name, among the providers I may see
-- in:  $1 provider text or NULL for any, $2 domain text
-- out: provider_id, provider, client_id, client, language, domain_id, domain
SELECT d.provider_id, p.name AS provider, d.client_id, c.name AS client,
       coalesce(c.language, p.language) AS language, d.id AS domain_id, d.name AS domain
  FROM domain d JOIN provider p USING (provider_id)
  JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id
 WHERE d.name = $2 AND ($1::text IS NULL OR p.name = $1)
 ORDER BY p.name
