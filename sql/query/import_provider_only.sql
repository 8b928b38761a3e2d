-- import_provider_only: the providers there are; two are enough to know that one must be named
-- in:
-- out: name
SELECT name
  FROM provider
 WHERE retired_at IS NULL
 ORDER BY name
 LIMIT 2;
