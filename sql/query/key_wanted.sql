-- key_wanted: domains that ought to have a signing key of this algorithm and have none that lives
-- in:  $1 provider_id bigint or NULL, $2 client_id bigint or NULL, $3 domain_id bigint or NULL, $4 algorithm,
--      $5 only where the provider orders it (Ed25519) boolean
-- out: provider_id, domain_id, domain, client
SELECT d.provider_id, d.id AS domain_id, d.name AS domain, p.name || '/' || c.name AS client
  FROM domain d
  JOIN provider p ON p.provider_id = d.provider_id AND p.retired_at IS NULL
  JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id
 WHERE d.retired_at IS NULL AND d.dkim AND d.mode IN ('hosted', 'relayed')
   AND ($1::bigint IS NULL OR d.provider_id = $1::bigint)
   AND ($2::bigint IS NULL OR d.client_id = $2::bigint)
   AND ($3::bigint IS NULL OR d.id = $3::bigint)
   AND (NOT $5::boolean OR p.ed25519)
   AND NOT EXISTS (SELECT FROM dkim_key k
                    WHERE k.provider_id = d.provider_id AND k.domain_id = d.id AND k.algorithm = $4::text
                      AND k.retiring_at IS NULL AND k.revoked_at IS NULL AND k.cancelled_at IS NULL)
 ORDER BY d.provider_id, d.id
