-- keyd_master_note: remember the name of a master key that seals here
-- in:  $1 uuid, $2 version
-- out:
INSERT INTO master_key (uuid, version) VALUES ($1::uuid, $2::int)
ON CONFLICT DO NOTHING
