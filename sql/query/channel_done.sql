-- channel_done: it was told, or not: then with what went wrong, and not tried again for a while
-- in:  $1 provider_id, $2 channel text, $3 claim uuid, $4 problem text or NULL, $5 was it the mail of the day? boolean
-- out: attempt
UPDATE channel
   SET claimed_by = NULL, claimed_until = NULL, problem = $4::text,
       attempt = CASE WHEN $4 IS NULL THEN 0 ELSE attempt + 1 END,
       next_at = CASE WHEN $4 IS NULL THEN now() ELSE now() + interval '10 seconds' * power(2, least(attempt, 9)) END,
       told_at = CASE WHEN $4 IS NULL THEN now() ELSE told_at END,
       digested_at = CASE WHEN $4 IS NULL AND $5::boolean THEN now() ELSE digested_at END
 WHERE provider_id = $1::bigint AND name = $2::text AND claimed_by = $3::uuid
RETURNING attempt;
