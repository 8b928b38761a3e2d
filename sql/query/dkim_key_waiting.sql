-- dkim_key_waiting: how many keys are on their way and not due yet, and when time alone moves one
-- in:  $1 provider_id bigint or NULL, $2 client name or NULL, $3 domain name or NULL
-- out: waiting, next_at
SELECT count(*) FILTER (WHERE w.moving) AS waiting, utc(min(w.due_at) FILTER (WHERE w.due_at > now())) AS next_at
  FROM (SELECT true AS moving, k.usable_at AS due_at, k.provider_id, k.domain_id
          FROM dkim_key k
         WHERE ($1::bigint IS NULL OR k.provider_id = $1::bigint)
           AND k.active_at IS NULL AND k.cancelled_at IS NULL AND k.revoked_at IS NULL AND NOT k.standby
           AND coalesce(k.usable_at > now(), true)
        UNION ALL
        SELECT true, k.last_signed_at + p.linger, k.provider_id, k.domain_id
          FROM provider p JOIN dkim_key k ON k.provider_id = p.provider_id
         WHERE ($1::bigint IS NULL OR p.provider_id = $1::bigint)
           AND k.retiring_at IS NOT NULL AND k.retired_at IS NULL AND k.revoked_at IS NULL
           AND k.last_signed_at > now() - p.linger
        UNION ALL
        SELECT false, r.rotate_at, p.provider_id, r.domain_id
          FROM provider p
         CROSS JOIN LATERAL (
               SELECT k.rotate_at, k.domain_id
                 FROM dkim_key k
                 JOIN domain d ON d.provider_id = k.provider_id AND d.id = k.domain_id
                 JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id
                WHERE k.provider_id = p.provider_id AND k.rotate_at > now()
                  AND k.active_at IS NOT NULL AND k.retiring_at IS NULL AND k.revoked_at IS NULL
                  AND d.dkim AND d.retired_at IS NULL
                  AND ($2::text IS NULL OR c.name = $2::text) AND ($3::text IS NULL OR d.name = $3::text)
                ORDER BY k.rotate_at LIMIT 1) r
         WHERE $1::bigint IS NULL OR p.provider_id = $1::bigint) w
 WHERE ($2::text IS NULL
        OR EXISTS (SELECT FROM domain d JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id
                    WHERE d.provider_id = w.provider_id AND d.id = w.domain_id AND c.name = $2::text))
   AND ($3::text IS NULL
        OR EXISTS (SELECT FROM domain d
                    WHERE d.provider_id = w.provider_id AND d.id = w.domain_id AND d.name = $3::text))
