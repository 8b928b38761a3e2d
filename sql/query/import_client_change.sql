-- import_client_change: the clients of which the file says something else
-- in:  $1 provider_id bigint
-- out:
UPDATE client AS c
   SET title = coalesce(i.said ->> 'title', c.title),
       language = nullif(coalesce(i.said ->> 'language', c.language), ''),
       contact = nullif(coalesce(i.said ->> 'contact', c.contact), ''),
       reply_to = nullif(coalesce(i.said ->> 'reply_to', c.reply_to), '')
  FROM pg_temp.import_item AS i
 WHERE c.provider_id = $1 AND c.id = i.id AND i.noun = 'client' AND i.verb = 'change';
