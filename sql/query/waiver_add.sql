-- waiver_add: do without a requirement, and say why
-- in:  $1 provider_id bigint, $2 domain_id bigint, $3 purpose text, $4 reason text
-- out:
INSERT INTO waiver (provider_id, domain_id, purpose, reason)
VALUES ($1::bigint, $2::bigint, $3::text, $4::text);
