-- change_told: these changes have been told in this way
-- in:  $1 provider_id, $2 way text: alert, digest, webhook; $3 ids bigint[]
-- out:
UPDATE change
   SET alerted_at = CASE $2::text WHEN 'alert' THEN now() ELSE alerted_at END,
       digested_at = CASE $2::text WHEN 'digest' THEN now() ELSE digested_at END,
       posted_at = CASE $2::text WHEN 'webhook' THEN now() ELSE posted_at END
 WHERE provider_id = $1::bigint AND id = ANY ($3::bigint[]);
