-- keyd_kek_retire: a key seals nothing new from now on
-- in:  $1 provider_id, $2 id
-- out:
UPDATE kek SET retired_at = clock_timestamp()
 WHERE provider_id = $1::bigint AND id = $2::bigint AND retired_at IS NULL
