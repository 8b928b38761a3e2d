-- keyd_officer_proved: these officers have just shown that they have their keys
-- in:  $1 provider_id, $2 ids
-- out:
UPDATE officer SET proved_at = clock_timestamp()
 WHERE provider_id = $1::bigint AND id = ANY ($2::bigint[])
