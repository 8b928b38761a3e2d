-- sheet_add_domain: the sheet speaks about this domain
-- in:  $1 provider_id bigint, $2 sheet_id bigint, $3 domain_id bigint
-- out:
INSERT INTO sheet_domain (provider_id, sheet_id, domain_id) VALUES ($1, $2, $3)
