-- dkim_key_due: keys for which the time of a step has come, those that wait longest first
-- in:  $1 provider_id bigint or NULL, $2 client name or NULL, $3 domain name or NULL,
--      $4 only providers whose keys the monitor advances boolean
-- out: provider_id, id, step
SELECT u.provider_id, u.id, u.step
  FROM dkim_key_due u
 WHERE ($1::bigint IS NULL OR u.provider_id = $1::bigint)
   AND ($2::text IS NULL
        OR EXISTS (SELECT FROM domain d JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id
                    WHERE d.provider_id = u.provider_id AND d.id = u.domain_id AND c.name = $2::text))
   AND ($3::text IS NULL
        OR EXISTS (SELECT FROM domain d
                    WHERE d.provider_id = u.provider_id AND d.id = u.domain_id AND d.name = $3::text))
   AND (NOT $4::boolean
        OR EXISTS (SELECT FROM provider p WHERE p.provider_id = u.provider_id AND p.advance = 'monitor'))
 ORDER BY u.due_at, u.provider_id, u.id
