-- scope_client: clients of this short name, among the providers I may see
-- in:  $1 provider text or NULL for any, $2 client text
-- out: provider_id, provider, client_id, client, language
SELECT c.provider_id, p.name AS provider, c.id AS client_id, c.name AS client,
       coalesce(c.language, p.language) AS language
  FROM client c JOIN provider p USING (provider_id)
 WHERE c.name = $2 AND ($1::text IS NULL OR p.name = $1)
 ORDER BY p.name
