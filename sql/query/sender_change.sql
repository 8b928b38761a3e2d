-- sender_change: change what is said; '' takes a value away; a list of logins replaces the former one
-- in:  $1 provider_id bigint, $2 id bigint, $3 display_name text, $4 reply_to text, $5 site_id bigint or '',
--      $6 login ids bigint[]
-- out:
WITH gone AS (
    DELETE FROM sender_login
     WHERE provider_id = $1::bigint AND sender_id = $2::bigint AND login_id <> ALL ($6::bigint[])
), come AS (
    INSERT INTO sender_login (provider_id, sender_id, login_id)
    SELECT $1::bigint, $2::bigint, l FROM unnest($6::bigint[]) l
        ON CONFLICT DO NOTHING
)
UPDATE sender
   SET display_name = nullif(coalesce($3::text, display_name), ''),
       reply_to = nullif(coalesce($4::text, reply_to), ''),
       site_id = CASE WHEN $5::text IS NULL THEN site_id ELSE nullif($5::text, '')::bigint END
 WHERE provider_id = $1::bigint AND id = $2::bigint;
