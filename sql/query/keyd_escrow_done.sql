-- keyd_escrow_done: it was answered: what was recorded of the answers opens for nobody any more
-- in:  $1 provider_id, $2 uuid
-- out:
UPDATE escrow_request SET done_at = clock_timestamp(), sealed = ''
 WHERE provider_id = $1::bigint AND uuid = $2::uuid
