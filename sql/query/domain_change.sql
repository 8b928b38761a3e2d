-- domain_change: change what is said; '' takes a value away; without mode direct there is no smarthost
-- in:  $1 provider_id bigint, $2 id bigint, $3 mode text, $4 smarthost_id bigint or '', $5 envelope_domain text,
--      $6 dkim boolean, $7 dkim_publish text, $8 rotate_every interval or ''
-- out:
UPDATE domain
   SET mode = coalesce($3::text, mode),
       smarthost_id = CASE WHEN $4::text IS NOT NULL THEN nullif($4::text, '')::bigint
                           WHEN coalesce($3::text, mode) = 'direct' THEN smarthost_id END,
       envelope_domain = nullif(coalesce($5::text, envelope_domain), ''),
       dkim = coalesce($6::boolean, dkim),
       dkim_publish = nullif(coalesce($7::text, dkim_publish), ''),
       rotate_every = nullif(coalesce($8::text, rotate_every::text), '')::interval
 WHERE provider_id = $1::bigint AND id = $2::bigint;
