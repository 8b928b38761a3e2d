-- import_domain_add: the sender domains that are new
-- in:  $1 provider_id bigint
-- out:
INSERT INTO domain (provider_id, name, client_id, mode, smarthost_id, envelope_domain, dkim, dkim_publish)
SELECT $1, i.name, c.id, i.said ->> 'mode', s.id, nullif(i.said ->> 'envelope_domain', ''),
       coalesce((i.said ->> 'dkim')::boolean, true), nullif(i.said ->> 'dkim_publish', '')
  FROM pg_temp.import_item AS i
  JOIN client AS c ON c.provider_id = $1 AND c.name = i.client
  LEFT JOIN smarthost AS s ON s.provider_id = $1 AND s.client_id = c.id
       AND s.host || ':' || s.port = i.said ->> 'smarthost'
 WHERE i.noun = 'domain' AND i.verb = 'add'
 ORDER BY i.name;
