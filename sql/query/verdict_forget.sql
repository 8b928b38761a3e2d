-- verdict_forget: drop opinions about what is no longer required: all that this transaction did not renew
-- in:  $1 provider bigint, $2 domain bigint
-- out:
DELETE FROM verdict
 WHERE provider_id = $1
   AND domain_id = $2
   AND checked_at < now();
