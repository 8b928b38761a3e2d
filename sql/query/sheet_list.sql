-- sheet_list: what was issued, newest first
-- in:  $1 provider_id bigint or NULL for all, $2 client_id bigint or NULL for all
-- out: provider_id, id, client_id, uuid, provider, client, number, replaces, language, digest, issued_at, issued_by, model
SELECT s.provider_id, s.id, s.client_id, s.uuid, p.name AS provider, c.name AS client, s.number,
       (SELECT max(o.number) FROM sheet o WHERE o.provider_id = s.provider_id AND o.client_id = s.client_id
                                            AND o.language = s.language AND o.number < s.number) AS replaces,
       s.language, s.digest,
       to_char(s.issued_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS issued_at, s.issued_by,
       NULL::jsonb AS model
  FROM sheet s
  JOIN provider p ON p.provider_id = s.provider_id
  JOIN client c ON c.provider_id = s.provider_id AND c.id = s.client_id
 WHERE ($1::bigint IS NULL OR s.provider_id = $1) AND ($2::bigint IS NULL OR s.client_id = $2)
 ORDER BY s.issued_at DESC, p.name, c.name
