-- sender_add: register a sender; no logins listed: all of its client's
-- in:  $1 provider_id bigint, $2 client_id bigint, $3 address text, $4 display_name text, $5 reply_to text,
--      $6 site_id bigint or '', $7 login ids bigint[]
-- out: id
WITH made AS (
    INSERT INTO sender (provider_id, client_id, address, display_name, reply_to, site_id)
    VALUES ($1::bigint, $2::bigint, $3::text, nullif($4::text, ''), nullif($5::text, ''),
            nullif($6::text, '')::bigint)
    RETURNING id
), listed AS (
    INSERT INTO sender_login (provider_id, sender_id, login_id)
    SELECT $1::bigint, m.id, l FROM made m, unnest($7::bigint[]) l
)
SELECT id FROM made;
