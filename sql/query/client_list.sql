-- client_list: clients I may see
-- in:  $1 provider text or NULL, $2 client text or NULL, $3 name text or NULL, $4 retired ones too boolean,
--      $5 id bigint or NULL
-- out: provider_id, client_id, id, provider, client, name, subject, above_retired, uuid, title, language,
--      contact, reply_to, senders, created_at, retired_at
SELECT c.provider_id, c.id AS client_id, c.id, p.name AS provider, c.name AS client, c.name,
       p.name || '/' || c.name AS subject,
       CASE WHEN p.retired_at IS NOT NULL THEN p.name::text END AS above_retired,
       c.uuid, c.title, c.language, c.contact, c.reply_to,
       (SELECT count(*) FROM sender s
         WHERE s.provider_id = c.provider_id AND s.client_id = c.id AND s.retired_at IS NULL) AS senders,
       to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
       to_char(c.retired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS retired_at
  FROM client c JOIN provider p USING (provider_id)
 WHERE ($1::text IS NULL OR p.name = $1)
   AND ($2::text IS NULL OR c.name = $2)
   AND ($3::text IS NULL OR c.name = $3)
   AND ($4::boolean OR c.retired_at IS NULL)
   AND ($5::bigint IS NULL OR c.id = $5)
 ORDER BY p.name, c.name;
