-- import_client_add: the clients that are new
-- in:  $1 provider_id bigint
-- out:
INSERT INTO client (provider_id, name, title, language, contact, reply_to)
SELECT $1, name, said ->> 'title', nullif(said ->> 'language', ''), nullif(said ->> 'contact', ''),
       nullif(said ->> 'reply_to', '')
  FROM pg_temp.import_item
 WHERE noun = 'client' AND verb = 'add'
 ORDER BY name;
