-- import_site_change: the URLs of which the file says something else
-- in:  $1 provider_id bigint
-- out:
UPDATE site AS s
   SET url = i.name,
       audience = nullif(coalesce(i.said ->> 'audience', s.audience), '')
  FROM pg_temp.import_item AS i
 WHERE s.provider_id = $1 AND s.id = i.id AND i.noun = 'site' AND i.verb = 'change';
