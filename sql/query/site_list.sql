-- site_list: URLs of clients, found by URL or host
-- in:  $1 provider text or NULL, $2 client text or NULL, $3 name text or NULL, $4 retired ones too boolean,
--      $5 id bigint or NULL
-- out: provider_id, client_id, id, provider, client, name, subject, above_retired, url,
--      host, audience, created_at, retired_at
SELECT s.provider_id, s.client_id, s.id, p.name AS provider, c.name AS client, s.url AS name,
       s.url AS subject, CASE WHEN c.retired_at IS NOT NULL THEN p.name || '/' || c.name END AS above_retired,
       s.url, s.host, s.audience,
       to_char(s.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
       to_char(s.retired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS retired_at
  FROM site s
  JOIN client c ON c.provider_id = s.provider_id AND c.id = s.client_id
  JOIN provider p ON p.provider_id = s.provider_id
 WHERE ($1::text IS NULL OR p.name = $1)
   AND ($2::text IS NULL OR c.name = $2)
   AND ($3::text IS NULL OR $3 IN (s.url, s.host))
   AND ($4::boolean OR s.retired_at IS NULL)
   AND ($5::bigint IS NULL OR s.id = $5)
 ORDER BY p.name, c.name, s.url;
