-- keyd_pool_lost: keys made ahead under a master key that is gone: nobody's, so nobody misses them
-- in:  $1 provider_id, $2 mk_uuid, $3 mk_version
-- out:
WITH lost AS (
    UPDATE kek SET retired_at = clock_timestamp()
     WHERE provider_id = $1::bigint AND kind = 'pool' AND retired_at IS NULL
       AND (mk_uuid, mk_version) <> ($2::uuid, $3::int)
    RETURNING id)
DELETE FROM pool_key WHERE provider_id = $1::bigint AND kek_id IN (SELECT id FROM lost)
