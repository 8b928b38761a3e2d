-- keyd_signer_lost: the signer under a master key that is gone ends with the last provider that comes back
-- in:  $1 mk_uuid
-- out:
UPDATE keyd_key SET retired_at = clock_timestamp()
 WHERE retired_at IS NULL AND mk_uuid <> $1::uuid
   AND NOT EXISTS (SELECT FROM kek WHERE retired_at IS NULL AND mk_uuid <> $1::uuid)
