-- login_add: register an account of a client
-- in:  $1 provider_id bigint, $2 client_id bigint, $3 name text
-- out: id
INSERT INTO login (provider_id, client_id, name)
VALUES ($1::bigint, $2::bigint, $3::text)
RETURNING id;
