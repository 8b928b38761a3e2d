-- import_domain_own: a new domain may be used by its own client
-- in:  $1 provider_id bigint
-- out:
INSERT INTO domain_client (provider_id, domain, client_id)
SELECT $1, i.name, c.id
  FROM pg_temp.import_item AS i
  JOIN client AS c ON c.provider_id = $1 AND c.name = i.client
 WHERE i.noun = 'domain' AND i.verb = 'add'
 ORDER BY i.name;
