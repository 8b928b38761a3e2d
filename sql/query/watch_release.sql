-- watch_release: is this domain still mine?  Then it is free again
-- in:  $1 provider_id, $2 domain_id, $3 claim uuid
-- out:
UPDATE watch
   SET claimed_by = NULL, claimed_until = NULL
 WHERE provider_id = $1::bigint AND domain_id = $2::bigint AND claimed_by = $3::uuid;
