-- keyd_relay_key_retire: the key so far is no longer sealed to
-- in:  $1 provider_id, $2 relay_id
-- out:
UPDATE relay_key SET retired_at = now()
 WHERE provider_id = $1::bigint AND relay_id = $2::bigint AND retired_at IS NULL
