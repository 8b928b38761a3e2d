-- watch_wait: how long until the next domain is due
-- in:
-- out: milliseconds
SELECT greatest(ceil(extract(epoch FROM due_at - clock_timestamp()) * 1000), 0)::bigint AS milliseconds
  FROM watch
 WHERE due_at IS NOT NULL AND (claimed_until IS NULL OR claimed_until < now())
 ORDER BY due_at
 LIMIT 1;
