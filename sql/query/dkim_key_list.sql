-- dkim_key_list: keys with the policy that governs them
-- in:  $1 provider_id bigint or NULL for all, $2 client name or NULL, $3 domain name or NULL,
--      $4 selector or NULL, $5 living boolean, $6 id bigint or NULL
-- out: provider_id, id, domain_id, client_id, uuid, provider, client, domain, hosting_domain, selector, algorithm, bits,
--      public_key, publish, standby, state, since, generated_at, publish_pending_at, seen_since, published_at,
--      usable_at, active_at, retiring_at, last_signed_at, retired_at, linger_until, probes, ttl_seen,
--      publish_probes, too_early, lingering, other_retiring, escrowed, rotate_at, rotate_due, successor
SELECT k.provider_id, k.id, k.domain_id, d.client_id, k.uuid, p.name AS provider, c.name AS client, d.name AS domain,
       p.hosting_domain, k.selector, k.algorithm, k.bits, k.public_key, k.publish, k.standby,
       dkim_key_state(k, clock_timestamp()) AS state,
       utc(dkim_key_since(k, clock_timestamp())) AS since, utc(k.generated_at) AS generated_at,
       utc(k.publish_pending_at) AS publish_pending_at, utc(k.seen_since) AS seen_since,
       utc(k.published_at) AS published_at, utc(k.usable_at) AS usable_at, utc(k.active_at) AS active_at,
       utc(k.retiring_at) AS retiring_at, utc(k.last_signed_at) AS last_signed_at,
       utc(k.retired_at) AS retired_at, utc(k.last_signed_at + p.linger) AS linger_until,
       k.probes, k.ttl_seen, p.publish_probes,
       coalesce(k.usable_at > now(), true) AS too_early,
       coalesce(k.last_signed_at + p.linger > now(), true) AS lingering,
       EXISTS (SELECT FROM dkim_key o
                WHERE o.provider_id = k.provider_id AND o.domain_id = k.domain_id AND o.algorithm = k.algorithm
                  AND o.id <> k.id AND o.retiring_at IS NOT NULL AND o.retired_at IS NULL
                  AND o.revoked_at IS NULL) AS other_retiring,
       dkim_key_escrowed(k.provider_id, k.id) AS escrowed,
       utc(r.rotate_at) AS rotate_at, coalesce(r.rotate_at <= now(), false) AS rotate_due,
       r.rotate_at IS NOT NULL
           AND EXISTS (SELECT FROM dkim_key s
                        WHERE s.provider_id = k.provider_id AND s.domain_id = k.domain_id AND s.algorithm = k.algorithm
                          AND s.active_at IS NULL AND s.cancelled_at IS NULL AND s.revoked_at IS NULL
                          AND NOT s.standby) AS successor
  FROM dkim_key k
  JOIN provider p ON p.provider_id = k.provider_id
  JOIN domain d ON d.provider_id = k.provider_id AND d.id = k.domain_id
  JOIN client c ON c.provider_id = k.provider_id AND c.id = d.client_id
       -- a domain that is not signed any more needs no successor
 CROSS JOIN LATERAL (SELECT CASE WHEN d.dkim AND d.retired_at IS NULL THEN k.rotate_at END AS rotate_at) r
 WHERE ($1::bigint IS NULL OR k.provider_id = $1::bigint)
   AND ($2::text IS NULL OR c.name = $2::text)
   AND ($3::text IS NULL OR d.name = $3::text)
   AND ($4::text IS NULL OR k.selector = $4::text)
   AND (NOT $5::boolean OR k.retired_at IS NULL AND k.revoked_at IS NULL AND k.cancelled_at IS NULL
                           AND k.destroyed_at IS NULL)
   AND ($6::bigint IS NULL OR k.id = $6::bigint)
 ORDER BY k.provider_id, d.name, k.generated_at, k.id
