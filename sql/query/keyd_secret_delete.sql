-- keyd_secret_delete: the private half of a destroyed key
-- in:  $1 provider_id, $2 key_id
-- out:
DELETE FROM dkim_secret WHERE provider_id = $1::bigint AND key_id = $2::bigint
