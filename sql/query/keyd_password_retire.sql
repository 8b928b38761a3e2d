-- keyd_password_retire: the password so far is no longer the one to use
-- in:  $1 provider_id, $2 smarthost_id
-- out:
UPDATE smarthost_secret SET retired_at = now()
 WHERE provider_id = $1::bigint AND smarthost_id = $2::bigint AND retired_at IS NULL
