-- keyd_escrow_add: officers are asked
-- in:  $1 provider_id, $2 uuid, $3 purpose, $4 public_key, $5 mk_uuid, $6 mk_version, $7 sealed, $8 officers,
--      $9 by_whom, $10 not_after seconds since 1970
-- out:
INSERT INTO escrow_request (provider_id, uuid, purpose, public_key, mk_uuid, mk_version, sealed, officers, by_whom,
                            not_after)
VALUES ($1::bigint, $2::uuid, $3::text, $4::bytea, $5::uuid, $6::int, $7::bytea, $8::bigint[], $9::text,
        to_timestamp($10::bigint))
