-- import_smarthost_add: the smarthosts that are new
-- in:  $1 provider_id bigint
-- out:
INSERT INTO smarthost (provider_id, client_id, host, port, tls, auth_user, ca)
SELECT $1, c.id, i.said ->> 'host', (i.said ->> 'port')::int,
       coalesce(i.said ->> 'tls', CASE i.said ->> 'port' WHEN '465' THEN 'implicit' ELSE 'starttls' END),
       i.said ->> 'auth_user', nullif(i.said ->> 'ca', '')
  FROM pg_temp.import_item AS i
  JOIN client AS c ON c.provider_id = $1 AND c.name = i.client
 WHERE i.noun = 'smarthost' AND i.verb = 'add';
