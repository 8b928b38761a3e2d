-- client_change: change what is said; '' takes a value away
-- in:  $1 provider_id bigint, $2 id bigint, $3 title text, $4 language text, $5 contact text, $6 reply_to text
-- out:
UPDATE client
   SET title = coalesce($3::text, title),
       language = nullif(coalesce($4::text, language), ''),
       contact = nullif(coalesce($5::text, contact), ''),
       reply_to = nullif(coalesce($6::text, reply_to), '')
 WHERE provider_id = $1::bigint AND id = $2::bigint;
