-- keyd_officer_retire: an officer leaves
-- in:  $1 provider_id, $2 id, $3 mac, $4 mk_uuid, $5 mk_version
-- out:
UPDATE officer SET mac = $3::bytea, mk_uuid = $4::uuid, mk_version = $5::int, retired_at = clock_timestamp()
 WHERE provider_id = $1::bigint AND id = $2::bigint
