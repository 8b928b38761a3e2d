-- verdict_put: the current opinion about one requirement; the trigger decides what is settled
-- in:  $1 provider bigint, $2 domain bigint, $3 purpose text, $4 name text, $5 required boolean,
--      $6 state text, $7 negative ttl int, $8 expected text, $9 found text, $10 explanation text,
--      $11 observations bigint[]
-- out: confirmed, settled, since
INSERT INTO verdict (provider_id, domain_id, purpose, name, required, state, negative_ttl,
                     expected, found, explanation, observations)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (provider_id, domain_id, purpose, name) DO UPDATE
   SET required = excluded.required, state = excluded.state, negative_ttl = excluded.negative_ttl,
       expected = excluded.expected, found = excluded.found, explanation = excluded.explanation,
       observations = excluded.observations
RETURNING confirmed, settled, since;
