-- keyd_key_add: a new signing key
-- in:  $1 provider_id, $2 uuid, $3 domain_id, $4 client_uuid, $5 selector, $6 algorithm, $7 bits, $8 public_key,
--      $9 publish, $10 standby
-- out: id
INSERT INTO dkim_key (provider_id, uuid, domain_id, client_uuid, selector, algorithm, bits, public_key, publish, standby)
VALUES ($1::bigint, $2::uuid, $3::bigint, $4::uuid, $5::text, $6::text, $7::int, $8::bytea, $9::text, $10::boolean)
RETURNING id
