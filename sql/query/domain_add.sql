-- domain_add: register a sender domain with its owner
-- in:  $1 provider_id bigint, $2 client_id bigint, $3 name text, $4 mode text, $5 smarthost_id bigint,
--      $6 envelope_domain text, $7 dkim boolean, $8 dkim_publish text, $9 rotate_every interval
-- out: id
WITH made AS (
    INSERT INTO domain (provider_id, client_id, name, mode, smarthost_id, envelope_domain, dkim, dkim_publish,
                        rotate_every)
    VALUES ($1::bigint, $2::bigint, $3::text, $4::text, nullif($5::text, '')::bigint, nullif($6::text, ''),
            coalesce($7::boolean, true), nullif($8::text, ''), nullif($9::text, '')::interval)
    RETURNING id
), owned AS (
    INSERT INTO domain_client (provider_id, domain, client_id)
    SELECT $1::bigint, $3::text, $2::bigint FROM made
)
SELECT id FROM made;
