-- sender_states: where each sender stands, and why; retired ones only when asked for
-- in:  $1 provider_id bigint or NULL, $2 client_id bigint or NULL, $3 domain_id bigint or NULL,
--      $4 state text or NULL for all that are not retired
-- out: client, sender, mode, state, since, reasons
SELECT p.name || '/' || c.name AS client, s.address AS sender, s.mode, s.state,
       to_char(s.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since, s.reasons
  FROM sender_state s
  JOIN client c ON c.provider_id = s.provider_id AND c.id = s.client_id
  JOIN provider p ON p.provider_id = s.provider_id
 WHERE ($1::bigint IS NULL OR s.provider_id = $1)
   AND ($2::bigint IS NULL OR s.client_id = $2)
   AND ($3::bigint IS NULL OR s.domain_id = $3)
   AND CASE WHEN $4::text IS NULL THEN s.state <> 'retired' ELSE s.state = $4 END
 ORDER BY p.name, c.name, s.address;
