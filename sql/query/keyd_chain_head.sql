-- keyd_chain_head: a provider with events that have no link yet, and the end of its chain
-- in:  $1 provider_id after which to look
-- out: provider_id, uuid, position, digest
SELECT p.provider_id, p.uuid, coalesce(l.position, 0) AS position, l.digest
  FROM provider p
  LEFT JOIN LATERAL (SELECT position, digest FROM event_link
                      WHERE provider_id = p.provider_id
                      ORDER BY position DESC LIMIT 1) l ON true
 WHERE p.provider_id > $1::bigint
   AND EXISTS (SELECT FROM event_pending e WHERE e.provider_id = p.provider_id)
 ORDER BY p.provider_id
 LIMIT 1
