-- watch_state: how far the monitors are
-- in:
-- out: domains, due, late, claimed, never, monitors, next_at, oldest_at
SELECT count(*) AS domains, count(*) FILTER (WHERE due_at <= now()) AS due,
       count(*) FILTER (WHERE due_at <= now() - interval '1 hour') AS late,
       count(*) FILTER (WHERE claimed_until >= now()) AS claimed,
       count(*) FILTER (WHERE finished_at IS NULL) AS never,
       count(DISTINCT claimed_by) FILTER (WHERE claimed_until >= now()) AS monitors,
       moment_text(min(due_at)) AS next_at,
       moment_text(min(finished_at)) AS oldest_at
  FROM watch
 WHERE due_at IS NOT NULL;
