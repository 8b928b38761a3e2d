-- import_relay_change: what a document says of a relay
-- in:  $1 provider_id bigint, $2 name text, $3 helo text, $4 mta text, $5 signer text
-- out:
UPDATE relay
   SET helo = coalesce($3, helo), mta = coalesce($4, mta), signer = coalesce($5, signer)
 WHERE provider_id = $1 AND name = $2;
