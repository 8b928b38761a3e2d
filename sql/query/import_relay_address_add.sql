-- import_relay_address_add: addresses that a relay has now
-- in:  $1 provider_id bigint, $2 name text, $3 addresses inet[]
-- out:
INSERT INTO relay_address (provider_id, relay_id, address)
SELECT $1, r.id, a.address
  FROM relay AS r
 CROSS JOIN (SELECT DISTINCT unnest($3::inet[])) AS a (address)
 WHERE r.provider_id = $1 AND r.name = $2
    ON CONFLICT DO NOTHING;
