-- watch_wait: how long until the next domain is due, or a lease is over
-- in:
-- out: milliseconds
SELECT greatest(ceil(extract(epoch FROM least(
           (SELECT due_at FROM watch
             WHERE due_at IS NOT NULL AND (claimed_until IS NULL OR claimed_until < now())
             ORDER BY due_at LIMIT 1),
           (SELECT min(claimed_until) FROM watch WHERE claimed_until >= now()))
       - clock_timestamp()) * 1000), 0)::bigint AS milliseconds;
