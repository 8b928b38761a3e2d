-- keyd_kek_escrow: the shares of a key are complete
-- in:  $1 provider_id, $2 id, $3 commitment, $4 quorum
-- out:
UPDATE kek SET commitment = $3::bytea, quorum = $4::int, escrow_complete_at = clock_timestamp()
 WHERE provider_id = $1::bigint AND id = $2::bigint
