-- keyd_escrow_find: what officers were asked for
-- in:  $1 provider_id, $2 uuid
-- out: provider_uuid, purpose, public_key, mk_uuid, mk_version, sealed, officers, over, done
SELECT p.uuid AS provider_uuid, r.purpose, r.public_key, r.mk_uuid, r.mk_version, r.sealed,
       r.officers::text[] AS officers, r.not_after < clock_timestamp() AS over, r.done_at IS NOT NULL AS done
  FROM escrow_request r
  JOIN provider p ON p.provider_id = r.provider_id
 WHERE r.provider_id = $1::bigint AND r.uuid = $2::uuid
