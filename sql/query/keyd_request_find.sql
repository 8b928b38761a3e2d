-- keyd_request_find: was this asked before?
-- in:  $1 provider_id, $2 uuid
-- out: digest, subject_id, subject_version
SELECT digest, subject_id, subject_version FROM request WHERE provider_id = $1::bigint AND uuid = $2::uuid
