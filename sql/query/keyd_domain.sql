-- keyd_domain: what a key of this domain is bound to, and a selector that nobody used under its name:
--  other providers may serve the same domain, and a selector is never used twice.  Behind a CNAME it is
--  the slot that has been free for longest; below a delegated name it ends in the provider's label
-- in:  $1 provider_id, $2 domain_id, $3 first letter of the selector
-- out: provider_uuid, client_uuid, client_id, name, publish, dkim, retired, selector
-- (of as many names as are used and one more, one is free: there is no need to look at all 702)
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
              FROM (SELECT n, u.month
                           || CASE WHEN n >= 26 THEN chr(96 + n / 26) ELSE '' END || chr(97 + n % 26)
                           || CASE WHEN coalesce(d.dkim_publish, p.dkim_publish) = 'ns' AND d.mode <> 'hosted'
                                   THEN '.' || dkim_label(p.name) ELSE '' END AS selector
                      FROM generate_series(0, least(701, cardinality(u.selectors))) AS n) AS s
             WHERE s.selector <> ALL (u.selectors)
             ORDER BY s.n LIMIT 1) END AS selector
  FROM domain d
  JOIN provider p ON p.provider_id = d.provider_id
  JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id
 CROSS JOIN LATERAL (
       SELECT m.month, ARRAY(SELECT k.selector FROM domain o
                               JOIN dkim_key k ON k.provider_id = o.provider_id AND k.domain_id = o.id
                              WHERE o.name = d.name AND starts_with(k.selector, m.month)) AS selectors
         FROM (SELECT $3::text || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMM') AS month) AS m OFFSET 0) AS u
 WHERE d.provider_id = $1::bigint AND d.id = $2::bigint
