-- smarthost_add: register a customer's submission server; port 465 speaks TLS from the first octet
-- in:  $1 provider_id bigint, $2 client_id bigint, $3 host:port text, $4 port int, $5 tls text, $6 auth_user text,
--      $7 ca text
-- out: id
INSERT INTO smarthost (provider_id, client_id, host, port, tls, auth_user, ca)
SELECT $1::bigint, $2::bigint, split_part($3::text, ':', 1), n.port,
       coalesce($5::text, CASE n.port WHEN 465 THEN 'implicit' ELSE 'starttls' END), $6::text,
       nullif($7::text, '')
  FROM (SELECT coalesce($4::int, nullif(split_part($3::text, ':', 2), '')::int, 587) AS port) n
RETURNING id;
