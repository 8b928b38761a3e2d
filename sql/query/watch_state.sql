-- watch_state: how far the monitors are
-- in:
-- out: domains, due, claimed, never, monitors, next_at, oldest_at
SELECT count(*) AS domains, count(*) FILTER (WHERE due_at <= now()) AS due,
       count(*) FILTER (WHERE claimed_until >= now()) AS claimed,
       count(*) FILTER (WHERE finished_at IS NULL) AS never,
       count(DISTINCT claimed_by) FILTER (WHERE claimed_until >= now()) AS monitors,
       to_char(min(due_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS next_at,
       to_char(min(finished_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS oldest_at
  FROM watch
 WHERE due_at IS NOT NULL;
