-- import_provider: the number of a provider
-- in:  $1 name text
-- out: provider_id
SELECT provider_id
  FROM provider
 WHERE name = $1;
