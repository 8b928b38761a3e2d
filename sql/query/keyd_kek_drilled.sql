-- keyd_kek_drilled: officers have just brought this key back
-- in:  $1 provider_id, $2 id
-- out:
UPDATE kek SET drilled_at = clock_timestamp() WHERE provider_id = $1::bigint AND id = $2::bigint
