-- keyd_password_reseal: a password under another key
-- in:  $1 provider_id, $2 smarthost_id, $3 version, $4 kek_id, $5 sealed
-- out:
UPDATE smarthost_secret SET kek_id = $4::bigint, sealed = $5::bytea
 WHERE provider_id = $1::bigint AND smarthost_id = $2::bigint AND version = $3::int
