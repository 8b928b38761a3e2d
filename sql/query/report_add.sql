-- report_add: the customer says that a domain's records are set
-- in:  $1 provider_id bigint, $2 client_id bigint, $3 domain_id bigint, $4 note text or NULL
-- out:
INSERT INTO report (provider_id, client_id, domain_id, note) VALUES ($1, $2, $3, $4)
