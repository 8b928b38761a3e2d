-- import_relay: a relay, and whether a document says nothing new of it
-- in:  $1 provider_id bigint, $2 name text, $3 helo text, $4 mta text, $5 signer text,
--      $6 addresses inet[] or NULL: not said
-- out: id, same
SELECT r.id,
       (r.helo, r.mta, r.signer)
       IS NOT DISTINCT FROM (coalesce($3, r.helo), coalesce($4, r.mta), coalesce($5, r.signer))
       AND ($6::inet[] IS NULL
            OR coalesce((SELECT array_agg(a.address ORDER BY a.address)
                           FROM relay_address AS a
                          WHERE a.provider_id = $1 AND a.relay_id = r.id), '{}')
             = array(SELECT DISTINCT unnest($6::inet[]) ORDER BY 1)) AS same
  FROM relay AS r
 WHERE r.provider_id = $1 AND r.name = $2;
