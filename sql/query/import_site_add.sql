-- import_site_add: the URLs that are new
-- in:  $1 provider_id bigint
-- out:
INSERT INTO site (provider_id, client_id, host, url, audience)
SELECT $1, c.id, i.said ->> 'host', i.name, nullif(i.said ->> 'audience', '')
  FROM pg_temp.import_item AS i
  JOIN client AS c ON c.provider_id = $1 AND c.name = i.client
 WHERE i.noun = 'site' AND i.verb = 'add';
