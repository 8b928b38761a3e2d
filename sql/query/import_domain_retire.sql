-- import_domain_retire: each domain that is not in the file
-- in:  $1 provider_id bigint
-- out:
UPDATE domain AS t
   SET retired_at = now()
  FROM pg_temp.import_item AS i
 WHERE t.provider_id = $1 AND t.id = i.id AND i.noun = 'domain' AND i.verb = 'retire';
