-- keyd_chain_take: events that get a link now, the oldest first; they wait no longer
-- in:  $1 provider_id bigint, $2 at most int
-- out: id, at, xid, actor, client_id, subject, what, why, detail
WITH taken AS (
    DELETE FROM event_pending
     WHERE provider_id = $1::bigint
       AND event_id = ANY (ARRAY(SELECT event_id FROM event_pending
                                  WHERE provider_id = $1::bigint
                                  ORDER BY event_id LIMIT $2::int))
    RETURNING event_id
)
SELECT e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, e.xid, e.actor,
       e.client_id, e.subject, e.what, e.why, e.detail
  FROM event e
  JOIN taken t ON t.event_id = e.id
 WHERE e.provider_id = $1::bigint
 ORDER BY e.id
