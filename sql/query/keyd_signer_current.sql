-- keyd_signer_current: the key that signs bundles
-- in:
-- out: uuid, version, public_key, mk_uuid, mk_version, sealed
SELECT uuid, version, public_key, mk_uuid, mk_version, sealed
  FROM keyd_key
 WHERE purpose = 'bundle' AND retired_at IS NULL
