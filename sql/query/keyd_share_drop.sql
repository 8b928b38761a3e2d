-- keyd_share_drop: forget the shares of a key
-- in:  $1 provider_id, $2 kek_id
-- out:
DELETE FROM escrow_share WHERE provider_id = $1::bigint AND kek_id = $2::bigint
