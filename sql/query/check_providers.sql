-- check_providers: whose domains may be looked at
-- in:
-- out: name
SELECT name
  FROM provider
 WHERE retired_at IS NULL
 ORDER BY name;
