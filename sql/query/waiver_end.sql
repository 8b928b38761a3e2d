-- waiver_end: the requirement counts again
-- in:  $1 provider_id bigint, $2 domain_id bigint, $3 purpose text
-- out:
UPDATE waiver SET ended_at = now()
 WHERE provider_id = $1::bigint AND domain_id = $2::bigint AND purpose = $3::text AND ended_at IS NULL;
