-- watch_claim: take domains that are due, all of one provider, the longest overdue first; they are
--              mine until the lease is over.  Runs outside a transaction: what another monitor has
--              locked is skipped
-- in:  $1 claim uuid, $2 lease in seconds, $3 at most so many
-- out: provider_id, provider, language, client_id, domain_id, domain
WITH first AS (
    SELECT provider_id FROM watch
     WHERE due_at <= now() AND (claimed_until IS NULL OR claimed_until < now())
     ORDER BY due_at LIMIT 1),
due AS (
    SELECT w.provider_id, w.domain_id
      FROM watch w JOIN first USING (provider_id)
     WHERE w.due_at <= now() AND (w.claimed_until IS NULL OR w.claimed_until < now())
     ORDER BY w.due_at
     LIMIT $3::int
       FOR UPDATE OF w SKIP LOCKED)
UPDATE watch w
   SET claimed_by = $1::uuid, claimed_until = now() + make_interval(secs => $2::double precision)
  FROM due
  JOIN domain d ON d.provider_id = due.provider_id AND d.id = due.domain_id
  JOIN provider p ON p.provider_id = due.provider_id
 WHERE w.provider_id = due.provider_id AND w.domain_id = due.domain_id
RETURNING w.provider_id, p.name AS provider, p.language, d.client_id, w.domain_id, d.name AS domain;
