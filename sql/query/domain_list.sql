-- domain_list: sender domains
-- in:  $1 provider text or NULL, $2 client text or NULL, $3 name text or NULL, $4 retired ones too boolean,
--      $5 id bigint or NULL
-- out: provider_id, client_id, id, provider, client, name, subject, above_retired, uuid, mode,
--      smarthost, envelope_domain, dkim, dkim_publish, rotate_every, shared, waived, senders, created_at, retired_at
SELECT d.provider_id, d.client_id, d.id, p.name AS provider, c.name AS client, d.name, d.name AS subject,
       CASE WHEN c.retired_at IS NOT NULL THEN p.name || '/' || c.name END AS above_retired,
       d.uuid, d.mode, h.host || ':' || h.port AS smarthost, d.envelope_domain, d.dkim, d.dkim_publish, d.rotate_every,
       ARRAY(SELECT p.name || '/' || o.name FROM domain_client dc
               JOIN client o ON o.provider_id = dc.provider_id AND o.id = dc.client_id
              WHERE dc.provider_id = d.provider_id AND dc.domain = d.name AND dc.client_id <> d.client_id
              ORDER BY o.name) AS shared,
       ARRAY(SELECT w.purpose || ': ' || w.reason FROM waiver w
              WHERE w.provider_id = d.provider_id AND w.domain_id = d.id AND w.ended_at IS NULL
              ORDER BY w.purpose) AS waived,
       (SELECT count(*) FROM sender s
         WHERE s.provider_id = d.provider_id AND s.domain = d.name AND s.retired_at IS NULL) AS senders,
       to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
       to_char(d.retired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS retired_at
  FROM domain d
  JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id
  JOIN provider p ON p.provider_id = d.provider_id
  LEFT JOIN smarthost h ON h.provider_id = d.provider_id AND h.id = d.smarthost_id
 WHERE ($1::text IS NULL OR p.name = $1)
   AND ($2::text IS NULL OR c.name = $2)
   AND ($3::text IS NULL OR d.name = $3)
   AND ($4::boolean OR d.retired_at IS NULL)
   AND ($5::bigint IS NULL OR d.id = $5)
 ORDER BY p.name, d.name;
