-- check_since: domains of a provider that were looked at, and that was kept, since a moment
-- in:  $1 provider_id bigint, $2 moment timestamptz
-- out: domain_id
SELECT w.domain_id
  FROM watch w
 WHERE w.provider_id = $1 AND w.finished_at >= $2::timestamptz
 ORDER BY w.domain_id
