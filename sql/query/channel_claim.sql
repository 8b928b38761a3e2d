-- channel_claim: take a way of telling, of each provider where something is to be told by it and
--                nobody is about it.  Runs outside a transaction
-- in:  $1 claim uuid, $2 channel text: mail, webhook; $3 the moment of today's mail, seconds since 1970
-- out: provider_id, provider, language, digest, domains
WITH free AS (
    SELECT h.provider_id, h.name, $2::text = 'mail' AND h.digested_at < to_timestamp($3::double precision) AS digest
      FROM channel h
     WHERE h.name = $2 AND h.next_at <= now() AND (h.claimed_until IS NULL OR h.claimed_until < now())
       AND ($2 = 'mail' AND h.digested_at < to_timestamp($3::double precision)
            OR EXISTS (SELECT FROM change c
                        WHERE c.provider_id = h.provider_id
                          AND CASE WHEN $2 = 'mail' THEN c.alerted_at IS NULL AND c.digested_at IS NULL
                                                         AND c.kind IN ('lost', 'degraded', 'verified', 'unmet')
                                   ELSE c.posted_at IS NULL AND c.at > now() - interval '7 days' END))
       FOR UPDATE OF h SKIP LOCKED)
UPDATE channel h
   SET claimed_by = $1::uuid, claimed_until = now() + interval '5 minutes'
  FROM free JOIN provider p ON p.provider_id = free.provider_id
 WHERE h.provider_id = free.provider_id AND h.name = free.name
RETURNING h.provider_id, p.name AS provider, p.language, free.digest,
          (SELECT count(*) FROM domain d WHERE d.provider_id = h.provider_id AND d.retired_at IS NULL) AS domains;
