-- keyd_pool_short: a provider whose pool is not full, the emptiest first, and how many keys wait altogether
-- in:  $1 how many keys a provider should have waiting int, $2 algorithm, $3 bits
-- out: provider_id, uuid, missing, waiting
SELECT p.provider_id, p.uuid, $1::int - coalesce(w.n, 0) AS missing,
       (SELECT count(*) FROM pool_key) AS waiting
  FROM provider p
  LEFT JOIN (SELECT provider_id, count(*) AS n FROM pool_key
              WHERE algorithm = $2::text AND bits = $3::int GROUP BY provider_id) w
         ON w.provider_id = p.provider_id
 WHERE p.retired_at IS NULL AND coalesce(w.n, 0) < $1::int
 ORDER BY coalesce(w.n, 0), p.provider_id
 LIMIT 1
