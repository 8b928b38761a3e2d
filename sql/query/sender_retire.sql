-- sender_retire: take a sender out of use, or bring it back
-- in:  $1 provider_id bigint, $2 id bigint, $3 true: retire boolean
-- out:
UPDATE sender
   SET retired_at = CASE WHEN $3::boolean THEN now() END
 WHERE provider_id = $1::bigint AND id = $2::bigint AND (retired_at IS NULL) = $3::boolean;
