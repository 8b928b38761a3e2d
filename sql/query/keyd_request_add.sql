-- keyd_request_add: what was asked, and what it was about
-- in:  $1 provider_id, $2 uuid, $3 operation, $4 digest, $5 peer_uid, $6 subject_id, $7 subject_version
-- out:
INSERT INTO request (provider_id, uuid, operation, digest, peer_uid, subject_id, subject_version)
VALUES ($1::bigint, $2::uuid, $3::text, $4::bytea, $5::bigint, $6::bigint, $7::int)
