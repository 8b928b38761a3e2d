-- login_list: accounts with which clients submit
-- in:  $1 provider text or NULL, $2 client text or NULL, $3 name text or NULL, $4 retired ones too boolean,
--      $5 id bigint or NULL
-- out: provider_id, client_id, id, provider, client, name, subject, above_retired,
--      senders, created_at, retired_at
SELECT l.provider_id, l.client_id, l.id, p.name AS provider, c.name AS client, l.name,
       'login ' || l.name AS subject, CASE WHEN c.retired_at IS NOT NULL THEN p.name || '/' || c.name END AS above_retired,
       ARRAY(SELECT s.address FROM sender_login sl JOIN sender s ON s.provider_id = sl.provider_id AND s.id = sl.sender_id
              WHERE sl.provider_id = l.provider_id AND sl.login_id = l.id AND s.retired_at IS NULL
              ORDER BY s.address) AS senders,
       to_char(l.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
       to_char(l.retired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS retired_at
  FROM login l
  JOIN client c ON c.provider_id = l.provider_id AND c.id = l.client_id
  JOIN provider p ON p.provider_id = l.provider_id
 WHERE ($1::text IS NULL OR p.name = $1)
   AND ($2::text IS NULL OR c.name = $2)
   AND ($3::text IS NULL OR l.name = $3)
   AND ($4::boolean OR l.retired_at IS NULL)
   AND ($5::bigint IS NULL OR l.id = $5)
 ORDER BY p.name, c.name, l.name;
