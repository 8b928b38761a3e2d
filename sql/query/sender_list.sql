-- sender_list: who sends as whom
-- in:  $1 provider text or NULL, $2 client text or NULL, $3 name text or NULL, $4 retired ones too boolean,
--      $5 id bigint or NULL
-- out: provider_id, client_id, id, provider, client, name, subject, above_retired, mode,
--      display_name, reply_to, site, logins, domain, domain_id, waived, created_at, retired_at
SELECT s.provider_id, s.client_id, s.id, p.name AS provider, c.name AS client, s.address AS name,
       s.address AS subject,
       coalesce(CASE WHEN c.retired_at IS NOT NULL THEN p.name || '/' || c.name END,
                CASE WHEN d.retired_at IS NOT NULL THEN d.name::text END) AS above_retired,
       d.mode, s.display_name, s.reply_to, t.url AS site,
       ARRAY(SELECT l.name FROM sender_login sl JOIN login l ON l.provider_id = sl.provider_id AND l.id = sl.login_id
              WHERE sl.provider_id = s.provider_id AND sl.sender_id = s.id ORDER BY l.name) AS logins,
       s.domain, d.id AS domain_id,
       ARRAY(SELECT w.purpose || ': ' || w.reason FROM waiver w
              WHERE w.provider_id = d.provider_id AND w.domain_id = d.id AND w.ended_at IS NULL
              ORDER BY w.purpose) AS waived,
       to_char(s.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
       to_char(s.retired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS retired_at
  FROM sender s
  JOIN client c ON c.provider_id = s.provider_id AND c.id = s.client_id
  JOIN provider p ON p.provider_id = s.provider_id
  JOIN domain d ON d.provider_id = s.provider_id AND d.name = s.domain
  LEFT JOIN site t ON t.provider_id = s.provider_id AND t.id = s.site_id
 WHERE ($1::text IS NULL OR p.name = $1)
   AND ($2::text IS NULL OR c.name = $2)
   AND ($3::text IS NULL OR s.address = $3)
   AND ($4::boolean OR s.retired_at IS NULL)
   AND ($5::bigint IS NULL OR s.id = $5)
 ORDER BY p.name, c.name, s.address, s.id;
