-- keyd_seal_add: a signature over the end of a chain
-- in:  $1 provider_id bigint, $2 position bigint, $3 signer uuid, $4 public_key bytea, $5 signature bytea
-- out:
INSERT INTO event_seal (provider_id, position, signer, public_key, signature)
VALUES ($1::bigint, $2::bigint, $3::uuid, $4::bytea, $5::bytea)
