-- keyd_domain: what a key of this domain is bound to, and a selector that nobody used under its name:
--  other providers may serve the same domain, and a selector is never used twice.  Behind a CNAME it is
--  the slot that has been free for longest; below a delegated name it ends in the provider's label
-- in:  $1 provider_id, $2 domain_id, $3 first letter of the selector
-- out: provider_uuid, client_uuid, client_id, name, publish, dkim, retired, selector
SELECT p.uuid AS provider_uuid, c.uuid AS client_uuid, c.id AS client_id, d.name,
       coalesce(d.dkim_publish, p.dkim_publish) AS publish, d.dkim, d.retired_at IS NOT NULL AS retired,
       CASE WHEN coalesce(d.dkim_publish, p.dkim_publish) = 'cname' AND d.mode <> 'hosted' THEN (
            SELECT s.selector
              FROM unnest(dkim_slots(p.name, $3::text)) WITH ORDINALITY AS s (selector, n)
             CROSS JOIN LATERAL dkim_slot_free_at(d.provider_id, d.id, s.selector) AS f (free_at)
             WHERE f.free_at <= clock_timestamp()
             ORDER BY f.free_at, s.n LIMIT 1)
       ELSE (
            SELECT s.selector
              FROM (SELECT n, $3::text || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMM')
                           || CASE WHEN n >= 26 THEN chr(96 + n / 26) ELSE '' END || chr(97 + n % 26)
                           || CASE WHEN coalesce(d.dkim_publish, p.dkim_publish) = 'ns' AND d.mode <> 'hosted'
                                   THEN '.' || dkim_label(p.name) ELSE '' END AS selector
                      FROM generate_series(0, 701) AS n) AS s
             WHERE NOT EXISTS (SELECT FROM dkim_key k
                                 JOIN domain o ON o.provider_id = k.provider_id AND o.id = k.domain_id
                                WHERE o.name = d.name AND k.selector = s.selector)
             ORDER BY s.n LIMIT 1) END AS selector
  FROM domain d
  JOIN provider p ON p.provider_id = d.provider_id
  JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id
 WHERE d.provider_id = $1::bigint AND d.id = $2::bigint
