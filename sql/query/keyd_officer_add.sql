-- keyd_officer_add: a new officer; confirmed at once when confirmed_by is not NULL
-- in:  $1 provider_id, $2 uuid, $3 name, $4 public_key, $5 fingerprint, $6 mac, $7 added_by, $8 added_uid,
--      $9 added_at seconds since 1970, $10 confirmed_by or NULL, $11 mk_uuid, $12 mk_version
-- out: id
INSERT INTO officer (provider_id, uuid, name, public_key, fingerprint, mac, added_by, added_uid, created_at,
                     confirmed_by, confirmed_at, mk_uuid, mk_version)
VALUES ($1::bigint, $2::uuid, $3::text, $4::bytea, $5::text, $6::bytea, $7::text, $8::bigint,
        to_timestamp($9::bigint), $10::text, CASE WHEN $10::text IS NOT NULL THEN clock_timestamp() END, $11::uuid, $12::int)
RETURNING id
