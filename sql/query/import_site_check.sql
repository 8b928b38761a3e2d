-- import_site_check: what must not be said of URLs
-- in:  $1 provider_id bigint
-- out:
WITH torn AS (
    SELECT r.place, r.site, v.field, v.value, first_value(v.value) OVER w AS first,
           first_value(r.place) OVER w AS first_place
      FROM pg_temp.import_item AS t
      JOIN pg_temp.import_row AS r ON r.client = t.client AND r.site_host = t.said ->> 'host'
     CROSS JOIN LATERAL (VALUES ('site', r.site), ('audience', r.audience)) AS v (field, value)
     WHERE t.noun = 'site' AND t.torn AND v.value IS NOT NULL
    WINDOW w AS (PARTITION BY r.client, r.site_host, v.field ORDER BY r.place)
)
INSERT INTO pg_temp.import_finding (place, field, rule, name, other, whose)
SELECT place, field, CASE field WHEN 'site' THEN 'site_host_twice' ELSE 'site_torn' END, site,
       first_place, NULL
  FROM torn
 WHERE value <> first
UNION ALL
SELECT max(place), 'site', 'site_of_two', name, min(place), NULL
  FROM pg_temp.import_item
 WHERE noun = 'site'
 GROUP BY name
HAVING min(client) <> max(client)
UNION ALL
SELECT i.place, 'site', 'site_of_other', i.name, NULL, c.name
  FROM pg_temp.import_item AS i
  JOIN site AS s ON s.provider_id = $1 AND s.url = i.name AND s.retired_at IS NULL
  JOIN client AS c ON c.provider_id = $1 AND c.id = s.client_id
 WHERE i.noun = 'site' AND c.name <> i.client
UNION ALL
SELECT i.place, 'site', 'site_retired', i.name, NULL, NULL
  FROM pg_temp.import_item AS i
  JOIN site AS s ON s.provider_id = $1 AND s.id = i.id
 WHERE i.noun = 'site' AND s.retired_at IS NOT NULL;
