-- import_relay_address_drop: addresses that a relay no longer has
-- in:  $1 provider_id bigint, $2 name text, $3 addresses inet[]
-- out:
DELETE FROM relay_address AS a
 USING relay AS r
 WHERE a.provider_id = $1 AND r.provider_id = $1 AND r.id = a.relay_id AND r.name = $2
   AND a.address <> ALL ($3::inet[]);
