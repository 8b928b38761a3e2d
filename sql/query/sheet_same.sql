-- sheet_same: the newest sheet of a client and language, if it says exactly this
-- in:  $1 provider_id bigint, $2 client_id bigint, $3 language text, $4 model jsonb
-- out: provider_id, id, client_id, uuid, provider, client, number, replaces, language, digest, issued_at, issued_by, model
SELECT s.provider_id, s.id, s.client_id, s.uuid, p.name AS provider, c.name AS client, s.number,
       (SELECT max(o.number) FROM sheet o WHERE o.provider_id = s.provider_id AND o.client_id = s.client_id
                                            AND o.language = s.language AND o.number < s.number) AS replaces,
       s.language, s.digest,
       to_char(s.issued_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS issued_at, s.issued_by, s.model
  FROM sheet s
  JOIN provider p ON p.provider_id = s.provider_id
  JOIN client c ON c.provider_id = s.provider_id AND c.id = s.client_id
 WHERE s.provider_id = $1 AND s.client_id = $2 AND s.language = $3
   AND s.digest = encode(sha256(convert_to($4::jsonb::text, 'UTF8')), 'hex')
   AND NOT EXISTS (SELECT FROM sheet later
                    WHERE later.provider_id = s.provider_id AND later.client_id = s.client_id
                      AND later.language = s.language AND later.number > s.number)
