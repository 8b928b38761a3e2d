-- import_domain_check: what must not be said of sender domains
-- in:  $1 provider_id bigint
-- out:
WITH suspect AS (                                -- few, so that the million rows are read only for them
    SELECT r.*, coalesce(r.smarthost_host || ':' || r.smarthost_port, r.smarthost) AS smarthost_name
      FROM pg_temp.import_item AS t
      JOIN pg_temp.import_row AS r ON r.domain = t.name
     WHERE t.noun = 'domain' AND t.torn
), torn AS (
    SELECT s.place, s.domain, v.field, v.value, first_value(v.value) OVER w AS first,
           first_value(s.place) OVER w AS first_place
      FROM suspect AS s
     CROSS JOIN LATERAL (VALUES ('mode', s.mode), ('smarthost', s.smarthost_name),
                                ('envelope_domain', s.envelope_domain), ('dkim', s.dkim::text),
                                ('dkim_publish', s.dkim_publish)) AS v (field, value)
     WHERE v.value IS NOT NULL
    WINDOW w AS (PARTITION BY s.domain, v.field ORDER BY s.place)
), pair AS (
    SELECT domain, client, min(place) AS place
      FROM suspect
     GROUP BY domain, client
), item AS (
    SELECT i.*, coalesce(i.said ->> 'mode', d.mode) AS mode, d.retired_at
      FROM pg_temp.import_item AS i
      LEFT JOIN domain AS d ON d.provider_id = $1 AND d.id = i.id
     WHERE i.noun = 'domain'
), hosted AS (
    SELECT place, client, name FROM item WHERE mode = 'hosted'
)
INSERT INTO pg_temp.import_finding (place, field, rule, name, other, whose)
SELECT place, field, CASE field WHEN 'mode' THEN 'domain_mode_torn'
                                WHEN 'smarthost' THEN 'domain_smarthost_torn' ELSE 'domain_torn' END,
       domain, first_place, NULL
  FROM torn
 WHERE value <> first
UNION ALL
-- new, and named by two clients
SELECT max(p.place), 'domain', 'domain_of_two', p.domain, min(p.place), NULL
  FROM pair AS p
  JOIN item AS i ON i.name = p.domain AND i.verb = 'add'
 GROUP BY p.domain
HAVING count(*) > 1
UNION ALL
-- known, and neither this client's nor shared with it
SELECT p.place, 'domain', 'domain_of_other', p.domain, NULL, i.client
  FROM pair AS p
  JOIN item AS i ON i.name = p.domain AND i.verb <> 'add' AND i.client <> p.client
  LEFT JOIN client AS c ON c.provider_id = $1 AND c.name = p.client
  LEFT JOIN domain_client AS dc ON dc.provider_id = $1 AND dc.domain = p.domain AND dc.client_id = c.id
 WHERE dc.client_id IS NULL
UNION ALL
SELECT place, 'mode', 'domain_modeless', name, NULL, NULL
  FROM item
 WHERE mode IS NULL
UNION ALL
SELECT place, 'domain', 'domain_retired', name, NULL, NULL
  FROM item
 WHERE retired_at IS NOT NULL
UNION ALL
SELECT i.place, 'mode', 'domain_public_mailbox', i.name, NULL, NULL
  FROM item AS i
  JOIN public_mailbox AS p ON p.domain = i.name
 WHERE i.mode = 'relayed'
UNION ALL
SELECT place, 'smarthost', 'domain_smarthost_mode', name, NULL, NULL
  FROM item
 WHERE mode <> 'direct' AND said ->> 'smarthost' <> ''
UNION ALL
SELECT place, 'envelope_domain', 'domain_envelope_below', said ->> 'envelope_domain', NULL, NULL
  FROM item
 WHERE said ->> 'envelope_domain' <> '' AND said ->> 'envelope_domain' <> name
   AND right(said ->> 'envelope_domain', length(name) + 1) <> '.' || name
UNION ALL
SELECT h.place, 'domain', 'domain_hosted_is_site', h.name, NULL, NULL
  FROM hosted AS h
  LEFT JOIN pg_temp.import_item AS s ON s.noun = 'site' AND s.client = h.client AND s.said ->> 'host' = h.name
  LEFT JOIN (SELECT c.name AS client, s.host
               FROM site AS s
               JOIN client AS c ON c.provider_id = $1 AND c.id = s.client_id
              WHERE s.provider_id = $1) AS have ON have.client = h.client AND have.host = h.name
 WHERE s.name IS NULL AND have.host IS NULL;
