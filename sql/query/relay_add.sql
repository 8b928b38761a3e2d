-- relay_add: register a relay with its addresses
-- in:  $1 provider_id bigint, $2 client_id bigint (none has one), $3 name text, $4 helo text, $5 mta text,
--      $6 signer text, $7 addresses inet[]
-- out: id
WITH made AS (
    INSERT INTO relay (provider_id, name, helo, mta, signer)
    SELECT $1::bigint, $3::text, $4::text, coalesce($5::text, 'postfix'), coalesce($6::text, 'opendkim')
     WHERE $2::bigint IS NULL
    RETURNING id
), addressed AS (
    INSERT INTO relay_address (provider_id, relay_id, address)
    SELECT $1::bigint, m.id, a FROM made m, unnest($7::inet[]) a
        ON CONFLICT DO NOTHING
)
SELECT id FROM made;
