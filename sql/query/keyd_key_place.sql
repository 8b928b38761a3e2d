-- keyd_key_place: all that a new key of a domain is bound to, in one look: whether this was asked before, whose the
--  domain is, a selector that nobody used under its name, and the key that seals it.  If wanted, also the oldest
--  key of the pool that nobody else is taking: it is in the pool no longer.
-- in:  $1 provider_id, $2 domain_id, $3 first letter of the selector, $4 request uuid, $5 from the pool boolean,
--      $6 algorithm, $7 bits
-- out: provider, provider_uuid, digest, subject_id, subject_version, name, client_uuid, client_id, publish, retired,
--      selector, kek_id, kek_uuid, kek_version, kek_kind, kek_mk_uuid, kek_mk_version, kek_sealed,
--      pool_uuid, pool_public_key, pool_key_sealed, pool_kek_id, pool_kek_uuid, pool_kek_version, pool_kek_kind,
--      pool_kek_mk_uuid, pool_kek_mk_version, pool_kek_sealed
-- (MATERIALIZED: a join would ask for the next one that is not locked again and again, and take them all.)
-- (Other providers may serve the same domain, and a selector is never used twice.  Behind a CNAME it is the slot that
-- has been free for longest; below a delegated name it ends in the provider's label.  Of as many names as are used
-- and one more, one is free: there is no need to look at all 702.)
WITH next AS MATERIALIZED (
    SELECT id FROM pool_key
     WHERE $5::boolean AND provider_id = $1::bigint AND algorithm = $6::text AND bits = $7::int
       AND NOT EXISTS (SELECT FROM request WHERE provider_id = $1::bigint AND uuid = $4::uuid)
     ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
), taken AS (
    DELETE FROM pool_key p USING next
     WHERE p.provider_id = $1::bigint AND p.id = next.id
    RETURNING p.uuid, p.public_key, p.kek_id, p.sealed
)
SELECT p.name AS provider, p.uuid AS provider_uuid, r.digest, r.subject_id, r.subject_version,
       d.name, c.uuid AS client_uuid, c.id AS client_id, coalesce(d.dkim_publish, p.dkim_publish) AS publish,
       d.retired_at IS NOT NULL AS retired,
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
             ORDER BY s.n LIMIT 1) END AS selector,
       k.id AS kek_id, k.uuid AS kek_uuid, k.version AS kek_version, k.kind AS kek_kind, k.mk_uuid AS kek_mk_uuid,
       k.mk_version AS kek_mk_version, k.sealed AS kek_sealed,
       t.uuid AS pool_uuid, t.public_key AS pool_public_key, t.sealed AS pool_key_sealed,
       o.id AS pool_kek_id, o.uuid AS pool_kek_uuid, o.version AS pool_kek_version, o.kind AS pool_kek_kind,
       o.mk_uuid AS pool_kek_mk_uuid, o.mk_version AS pool_kek_mk_version, o.sealed AS pool_kek_sealed
  FROM provider p
  LEFT JOIN request r ON r.provider_id = $1::bigint AND r.uuid = $4::uuid
  LEFT JOIN domain d ON d.provider_id = $1::bigint AND d.id = $2::bigint
  LEFT JOIN client c ON c.provider_id = $1::bigint AND c.id = d.client_id
  LEFT JOIN kek k ON k.provider_id = $1::bigint AND k.kind = 'provider' AND k.retired_at IS NULL
  LEFT JOIN taken t ON true
  LEFT JOIN kek o ON o.provider_id = $1::bigint AND o.id = t.kek_id
 CROSS JOIN LATERAL (
       SELECT m.month, ARRAY(SELECT x.selector FROM domain y
                               JOIN dkim_key x ON x.provider_id = y.provider_id AND x.domain_id = y.id
                              WHERE y.name = d.name AND starts_with(x.selector, m.month)) AS selectors
         FROM (SELECT $3::text || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMM') AS month) AS m OFFSET 0) AS u
 WHERE p.provider_id = $1::bigint
