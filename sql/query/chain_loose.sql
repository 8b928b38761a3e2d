-- chain_loose: of a provider, the seals and events that no link belongs to
-- in:  $1 provider_id bigint, $2 seconds that an event may wait int
-- out: kind, id, at, actor, subject, what
SELECT 'seal' AS kind, s.position AS id, utc(s.sealed_at) AS at, '' AS actor, '' AS subject, '' AS what
  FROM event_seal s
 WHERE s.provider_id = $1::bigint
   AND NOT EXISTS (SELECT FROM event_link l WHERE l.provider_id = s.provider_id AND l.position = s.position)
UNION ALL
SELECT CASE WHEN p.event_id IS NULL THEN 'event' ELSE 'waiting' END, e.id, utc(e.at), e.actor, e.subject, e.what
  FROM event e
  LEFT JOIN event_pending p ON p.provider_id = e.provider_id AND p.event_id = e.id
 WHERE e.provider_id = $1::bigint
   AND NOT EXISTS (SELECT FROM event_link l WHERE l.provider_id = e.provider_id AND l.event_id = e.id)
   AND (p.event_id IS NULL OR e.at < clock_timestamp() - make_interval(secs => $2::int))
 ORDER BY 1, 2
