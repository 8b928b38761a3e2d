-- keyd_relay_key_add: the key that a relay is enrolled with
-- in:  $1 provider_id, $2 relay_id, $3 version, $4 public_key, $5 fingerprint, $6 mac, $7 enrolled_by, $8 mk_uuid, $9 mk_version
-- out:
INSERT INTO relay_key (provider_id, relay_id, version, public_key, fingerprint, mac, enrolled_by, mk_uuid, mk_version)
VALUES ($1::bigint, $2::bigint, $3::int, $4::bytea, $5::text, $6::bytea, $7::text, $8::uuid, $9::int)
