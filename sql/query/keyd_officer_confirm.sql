-- keyd_officer_confirm: a second operator vouches for an officer
-- in:  $1 provider_id, $2 id, $3 mac, $4 confirmed_by
-- out:
UPDATE officer SET mac = $3::bytea, confirmed_by = $4::text, confirmed_at = clock_timestamp()
 WHERE provider_id = $1::bigint AND id = $2::bigint
