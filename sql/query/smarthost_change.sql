-- smarthost_change: change what is said; '' takes a value away
-- in:  $1 provider_id bigint, $2 id bigint, $3 port int, $4 tls text, $5 auth_user text, $6 ca text
-- out:
UPDATE smarthost
   SET port = coalesce($3::int, port),
       tls = coalesce($4::text, tls),
       auth_user = coalesce($5::text, auth_user),
       ca = nullif(coalesce($6::text, ca), '')
 WHERE provider_id = $1::bigint AND id = $2::bigint;
