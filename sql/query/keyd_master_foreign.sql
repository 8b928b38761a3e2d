-- keyd_master_foreign: is something here sealed under another master key than this one?
-- in:  $1 uuid, $2 version
-- out: foreign
SELECT EXISTS (SELECT FROM kek WHERE (mk_uuid, mk_version) <> ($1::uuid, $2::int) AND retired_at IS NULL)
       OR EXISTS (SELECT FROM keyd_key WHERE (mk_uuid, mk_version) <> ($1::uuid, $2::int) AND retired_at IS NULL)
       AS foreign
