-- site_change: change what is said; '' takes a value away
-- in:  $1 provider_id bigint, $2 id bigint, $3 url text, $4 audience text
-- out:
UPDATE site
   SET url = coalesce($3::text, url),
       host = coalesce(substring($3::text FROM '^https?://([^/:?#]+)'), host),
       audience = nullif(coalesce($4::text, audience), '')
 WHERE provider_id = $1::bigint AND id = $2::bigint;
