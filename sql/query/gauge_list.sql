-- gauge_list: how the fleet is, in numbers; the metrics in the order in which core/ops/gauge.c has them
-- in:
-- out: metric, provider, label, value
SELECT g.metric, p.name AS provider, g.label, g.value
  FROM (
    SELECT 1 AS rank, 'senders' AS metric, provider_id, state AS label, count(*)::numeric AS value
      FROM sender_state GROUP BY provider_id, state
    UNION ALL
    SELECT 2, 'requirements', provider_id, state, count(*) FROM verdict GROUP BY provider_id, state
    UNION ALL
    SELECT 3, 'domains', provider_id, NULL, count(*) FROM domain WHERE retired_at IS NULL GROUP BY provider_id
    UNION ALL
    SELECT 4, 'domains_due', provider_id, NULL, count(*) FILTER (WHERE due_at <= now()) FROM watch GROUP BY provider_id
    UNION ALL
    SELECT 5, 'looks_total', provider_id, NULL, sum(looks) FROM watch GROUP BY provider_id
    UNION ALL
    SELECT 6, 'unknown_looks_total', provider_id, NULL, sum(unsure_looks) FROM watch GROUP BY provider_id
    UNION ALL
    SELECT 7, 'oldest_look_seconds', provider_id, NULL, round(extract(epoch FROM now() - min(finished_at)))
      FROM watch WHERE due_at IS NOT NULL AND finished_at IS NOT NULL GROUP BY provider_id
    UNION ALL
    SELECT 8, 'certificate_days', provider_id, NULL, floor(extract(epoch FROM min(expires_at) - now()) / 86400)
      FROM verdict WHERE expires_at IS NOT NULL GROUP BY provider_id
    UNION ALL
    SELECT 9, 'key_age_days', provider_id, NULL, floor(extract(epoch FROM now() - min(active_at)) / 86400)
      FROM dkim_key WHERE active_at IS NOT NULL AND retiring_at IS NULL AND revoked_at IS NULL GROUP BY provider_id
    UNION ALL
    SELECT 10, 'changes_total', provider_id, kind, count(*) FROM change GROUP BY provider_id, kind
    UNION ALL
    SELECT 11, 'channel_failures', provider_id, name, attempt FROM channel) g
  JOIN provider p ON p.provider_id = g.provider_id
 ORDER BY g.rank, p.name, g.label;
