-- keyd_officer_confirm: a second operator vouches for an officer
-- in:  $1 provider_id, $2 id, $3 mac, $4 confirmed_by, $5 mk_uuid, $6 mk_version
-- out:
UPDATE officer SET mac = $3::bytea, mk_uuid = $5::uuid, mk_version = $6::int, confirmed_by = $4::text, confirmed_at = clock_timestamp()
 WHERE provider_id = $1::bigint AND id = $2::bigint
