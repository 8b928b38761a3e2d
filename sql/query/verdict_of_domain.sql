-- verdict_of_domain: the opinions about one domain
-- in:  $1 provider bigint, $2 domain bigint
-- out: purpose, name, type, required, state, since, checked_at, confirmed, settled, expected, found, explanation
SELECT purpose, name, type, required, state, since, checked_at, confirmed, settled, expected, found, explanation
  FROM verdict
 WHERE provider_id = $1
   AND domain_id = $2
 ORDER BY purpose, name, type;
