-- client_add: register a client
-- in:  $1 provider_id bigint, $2 client_id bigint (none yet), $3 name text, $4 title text, $5 language text,
--      $6 contact text, $7 reply_to text
-- out: id
INSERT INTO client (provider_id, name, title, language, contact, reply_to)
SELECT $1::bigint, $3::text, coalesce($4::text, $3), nullif($5::text, ''), nullif($6::text, ''),
       nullif($7::text, '')
 WHERE $2::bigint IS NULL
RETURNING id;
