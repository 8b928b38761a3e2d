-- verdict_put: the current opinion about one requirement; the trigger decides what is settled
-- in:  $1 provider bigint, $2 domain bigint, $3 purpose text, $4 name text, $5 type text,
--      $6 required boolean, $7 state text, $8 negative ttl int, $9 expected text, $10 found text,
--      $11 explanation text, $12 observations bigint[]
-- out: confirmed, settled, since, changed
INSERT INTO verdict (provider_id, domain_id, purpose, name, type, required, state, negative_ttl,
                     expected, found, explanation, observations)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (provider_id, domain_id, purpose, name, type) DO UPDATE
   SET required = excluded.required, state = excluded.state, negative_ttl = excluded.negative_ttl,
       expected = excluded.expected, found = excluded.found, explanation = excluded.explanation,
       observations = excluded.observations
RETURNING confirmed, settled, since, settled IS NOT NULL AND settled_since = now() AS changed;
