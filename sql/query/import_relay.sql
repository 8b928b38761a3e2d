-- import_relay: the number of a relay
-- in:  $1 provider_id bigint, $2 name text
-- out: id
SELECT id
  FROM relay
 WHERE provider_id = $1 AND name = $2;
