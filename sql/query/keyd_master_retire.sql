-- keyd_master_retire: nothing may be wrapped under it any more
-- in:  $1 uuid, $2 version
-- out:
UPDATE master_key SET retired_at = now()
 WHERE uuid = $1::uuid AND version = $2::int AND retired_at IS NULL
