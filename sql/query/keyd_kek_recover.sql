-- keyd_kek_recover: a recovered key, under the master key of today
-- in:  $1 provider_id, $2 id, $3 mk_uuid, $4 mk_version, $5 sealed, $6 commitment
-- out:
UPDATE kek SET mk_uuid = $3::uuid, mk_version = $4::int, sealed = $5::bytea, commitment = $6::bytea,
               drilled_at = clock_timestamp()
 WHERE provider_id = $1::bigint AND id = $2::bigint
