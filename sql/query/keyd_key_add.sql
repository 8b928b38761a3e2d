-- keyd_key_add: a new signing key, its sealed private half, the request that it answers, and the event
-- in:  $1 provider_id, $2 uuid, $3 domain_id, $4 client_uuid, $5 selector, $6 algorithm, $7 bits, $8 public_key,
--      $9 publish, $10 standby, $11 kek_id, $12 sealed, $13 request uuid, $14 operation, $15 digest, $16 peer_uid,
--      $17 actor, $18 client_id, $19 subject, $20 what, $21 why, $22 detail json
-- out: id
WITH key AS (
    INSERT INTO dkim_key (provider_id, uuid, domain_id, client_uuid, selector, algorithm, bits, public_key, publish, standby)
    VALUES ($1::bigint, $2::uuid, $3::bigint, $4::uuid, $5::text, $6::text, $7::int, $8::bytea, $9::text, $10::boolean)
    RETURNING id
), secret AS (
    INSERT INTO dkim_secret (provider_id, key_id, version, kek_id, sealed)
    SELECT $1::bigint, id, 1, $11::bigint, $12::bytea FROM key
), asked AS (
    INSERT INTO request (provider_id, uuid, operation, digest, peer_uid, subject_id, subject_version)
    SELECT $1::bigint, $13::uuid, $14::text, $15::bytea, $16::bigint, id, 1 FROM key
), told AS (
    INSERT INTO event (provider_id, actor, client_id, subject, what, why, detail)
    SELECT $1::bigint, $17::text, $18::bigint, $19::text, $20::text, $21::text, $22::jsonb FROM key
)
SELECT id FROM key
