-- keyd_share_add: one part of a key, sealed to one officer of a quorum
-- in:  $1 provider_id, $2 kek_id, $3 officers of the quorum, in the order of their parts, $4 officer_id, $5 share
-- out:
INSERT INTO escrow_share (provider_id, kek_id, officers, officer_id, share)
VALUES ($1::bigint, $2::bigint, $3::bigint[], $4::bigint, $5::bytea)
