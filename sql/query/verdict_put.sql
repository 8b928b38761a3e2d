-- verdict_put: the current opinion about one requirement, and the answers it rests on; the trigger
--              decides what is settled
-- in:  $1 provider bigint, $2 domain bigint, $3 purpose text, $4 name text, $5 type text,
--      $6 required boolean, $7 state text, $8 negative ttl int, $9 expected text, $10 found text,
--      $11 explanation text, $12 servers text[], $13 ttls bigint[] (-1: none), $14 rcodes text[],
--      $15 ads boolean[], $16 answers bytea[] (empty: none), $17 certificate's end timestamptz or NULL,
--      $18 how long ago the look began, seconds, $19 told boolean: would a loss be told
-- out: confirmed, settled, since, changed
WITH kept AS (
    INSERT INTO observation (provider_id, domain_id, purpose, name, server, ttl, rcode, ad, answer)
    SELECT $1::bigint, $2::bigint, $3::text, $4::text, o.server, nullif(o.ttl, -1), o.rcode, o.ad, nullif(o.answer, '')
      FROM unnest($12::text[], $13::bigint[], $14::text[], $15::boolean[], $16::bytea[])
           AS o (server, ttl, rcode, ad, answer)
    RETURNING id)
INSERT INTO verdict (provider_id, domain_id, purpose, name, type, required, state, negative_ttl,
                     expected, found, explanation, expires_at, looked_at, told, observations)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $17::timestamptz,
        clock_timestamp() - make_interval(secs => $18::double precision), $19,
        (SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM kept))
ON CONFLICT (provider_id, domain_id, purpose, name, type) DO UPDATE
   SET required = excluded.required, state = excluded.state, negative_ttl = excluded.negative_ttl,
       expected = excluded.expected, found = excluded.found, explanation = excluded.explanation,
       expires_at = excluded.expires_at, looked_at = excluded.looked_at,
       told = excluded.told, observations = excluded.observations
RETURNING confirmed, settled, since, settled IS NOT NULL AND settled_since = now() AS changed;
