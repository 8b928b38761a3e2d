-- keyd_secret_reseal: a private half under another key
-- in:  $1 provider_id, $2 key_id, $3 version, $4 kek_id, $5 sealed
-- out:
UPDATE dkim_secret SET version = $3::int, kek_id = $4::bigint, sealed = $5::bytea, sealed_at = clock_timestamp()
 WHERE provider_id = $1::bigint AND key_id = $2::bigint
