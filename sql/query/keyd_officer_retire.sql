-- keyd_officer_retire: an officer leaves
-- in:  $1 provider_id, $2 id, $3 mac
-- out:
UPDATE officer SET mac = $3::bytea, retired_at = clock_timestamp()
 WHERE provider_id = $1::bigint AND id = $2::bigint
