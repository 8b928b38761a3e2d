-- keyd_pool_lost: keys made ahead under a master key that is gone: nobody's, so nobody misses them
-- in:  $1 provider_id, $2 mk_uuid
-- out:
WITH lost AS (
    UPDATE kek SET retired_at = clock_timestamp()
     WHERE provider_id = $1::bigint AND kind = 'pool' AND retired_at IS NULL
       AND mk_uuid <> $2::uuid
    RETURNING id)
DELETE FROM pool_key WHERE provider_id = $1::bigint AND kek_id IN (SELECT id FROM lost)
