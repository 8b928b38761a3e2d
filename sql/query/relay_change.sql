-- relay_change: change what is said; a list of addresses replaces the former one
-- in:  $1 provider_id bigint, $2 id bigint, $3 helo text, $4 mta text, $5 signer text, $6 addresses inet[]
-- out:
WITH gone AS (
    DELETE FROM relay_address
     WHERE provider_id = $1::bigint AND relay_id = $2::bigint AND address <> ALL ($6::inet[])
), come AS (
    INSERT INTO relay_address (provider_id, relay_id, address)
    SELECT $1::bigint, $2::bigint, a FROM unnest($6::inet[]) a
        ON CONFLICT DO NOTHING
)
UPDATE relay
   SET helo = coalesce($3::text, helo),
       mta = coalesce($4::text, mta),
       signer = coalesce($5::text, signer)
 WHERE provider_id = $1::bigint AND id = $2::bigint;
