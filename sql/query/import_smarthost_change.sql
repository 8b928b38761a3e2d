-- import_smarthost_change: the smarthosts of which the file says something else
-- in:  $1 provider_id bigint
-- out:
UPDATE smarthost AS s
   SET auth_user = coalesce(i.said ->> 'auth_user', s.auth_user),
       tls = coalesce(i.said ->> 'tls', s.tls),
       ca = nullif(coalesce(i.said ->> 'ca', s.ca), '')
  FROM pg_temp.import_item AS i
 WHERE s.provider_id = $1 AND s.id = i.id AND i.noun = 'smarthost' AND i.verb = 'change';
