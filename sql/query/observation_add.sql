-- observation_add: keep one answer of one server as evidence
-- in:  $1 provider bigint, $2 domain bigint, $3 purpose text, $4 name text, $5 server text,
--      $6 ttl bigint, $7 rcode text, $8 ad boolean, $9 answer bytea
-- out: id
INSERT INTO observation (provider_id, domain_id, purpose, name, server, ttl, rcode, ad, answer)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING id;
