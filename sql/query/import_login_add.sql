-- import_login_add: the logins that are new
-- in:  $1 provider_id bigint
-- out:
INSERT INTO login (provider_id, client_id, name)
SELECT $1, c.id, i.name
  FROM pg_temp.import_item AS i
  JOIN client AS c ON c.provider_id = $1 AND c.name = i.client
 WHERE i.noun = 'login' AND i.verb = 'add'
 ORDER BY i.name;
