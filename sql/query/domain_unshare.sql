-- domain_unshare: take it back
-- in:  $1 provider_id bigint, $2 domain text, $3 client_id bigint
-- out:
DELETE FROM domain_client WHERE provider_id = $1::bigint AND domain = $2::text AND client_id = $3::bigint;
