-- domain_share: let a second client of the provider use a domain
-- in:  $1 provider_id bigint, $2 domain text, $3 client_id bigint
-- out:
INSERT INTO domain_client (provider_id, domain, client_id)
VALUES ($1::bigint, $2::text, $3::bigint)
    ON CONFLICT DO NOTHING;
