-- chain_walk: the next links of a provider with their events and seals; a link whose event is gone has no id.
--   In portions, so that what is joined stays small whatever the planner believes.
-- in:  $1 provider_id bigint, $2 the position after which to go on bigint, $3 at most int
-- out: position, event_id, digest, public_key, signature, id, at, xid, actor, client_id, subject, what, why, detail
WITH part AS MATERIALIZED (
    SELECT position, event_id, digest FROM event_link
     WHERE provider_id = $1::bigint AND position > $2::bigint
     ORDER BY position LIMIT $3::int
)
SELECT l.position, l.event_id, l.digest, s.public_key, s.signature,
       e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, e.xid, e.actor,
       e.client_id, e.subject, e.what, e.why, e.detail
  FROM part l
  LEFT JOIN event_seal s ON s.provider_id = $1::bigint AND s.position = l.position
        AND s.position > $2::bigint AND s.position <= (SELECT max(position) FROM part)
  LEFT JOIN event e ON e.provider_id = $1::bigint AND e.id = l.event_id
 ORDER BY l.position
