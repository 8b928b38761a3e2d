-- smarthost_list: submission servers of customers, found by host or host:port
-- in:  $1 provider text or NULL, $2 client text or NULL, $3 name text or NULL, $4 retired ones too boolean,
--      $5 id bigint or NULL
-- out: provider_id, client_id, id, provider, client, name, subject, above_retired, uuid, host,
--      port, tls, auth_user, ca, password, domains, created_at, retired_at
SELECT h.provider_id, h.client_id, h.id, p.name AS provider, c.name AS client,
       h.host || ':' || h.port AS name, 'smarthost ' || h.host || ':' || h.port AS subject,
       CASE WHEN c.retired_at IS NOT NULL THEN p.name || '/' || c.name END AS above_retired,
       h.uuid, h.host, h.port, h.tls, h.auth_user, h.ca,
       EXISTS (SELECT FROM smarthost_secret x
                WHERE x.provider_id = h.provider_id AND x.smarthost_id = h.id AND x.retired_at IS NULL) AS password,
       ARRAY(SELECT d.name FROM domain d
              WHERE d.provider_id = h.provider_id AND d.smarthost_id = h.id AND d.retired_at IS NULL
              ORDER BY d.name) AS domains,
       to_char(h.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
       to_char(h.retired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS retired_at
  FROM smarthost h
  JOIN client c ON c.provider_id = h.provider_id AND c.id = h.client_id
  JOIN provider p ON p.provider_id = h.provider_id
 WHERE ($1::text IS NULL OR p.name = $1)
   AND ($2::text IS NULL OR c.name = $2)
   AND ($3::text IS NULL OR $3 IN (h.host, h.host || ':' || h.port))
   AND ($4::boolean OR h.retired_at IS NULL)
   AND ($5::bigint IS NULL OR h.id = $5)
 ORDER BY p.name, c.name, h.host, h.port;
