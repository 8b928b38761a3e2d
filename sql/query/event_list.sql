-- event_list: what happened, the newest first
-- in:  $1 provider_id bigint or NULL, $2 client_id bigint or NULL, $3 subject text or NULL, $4 at most int
-- out: at, who, provider, subject, what, why, detail
SELECT to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at, e.actor AS who,
       p.name AS provider, e.subject, e.what, e.why, e.detail
  FROM event e
  LEFT JOIN provider p ON p.provider_id = e.provider_id
 WHERE ($1::bigint IS NULL OR e.provider_id = $1)
   AND ($2::bigint IS NULL OR e.client_id = $2)
   AND ($3::text IS NULL OR e.subject = $3)
 ORDER BY e.at DESC, e.id DESC
 LIMIT $4::int;
