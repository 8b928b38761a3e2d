-- watch_stop: a domain that is in use no more is not looked at again
-- in:  $1 claim uuid
-- out:
UPDATE watch w
   SET claimed_by = NULL, claimed_until = NULL, due_at = NULL
  FROM domain d
 WHERE w.claimed_by = $1::uuid
   AND d.provider_id = w.provider_id AND d.id = w.domain_id AND d.retired_at IS NOT NULL;
