-- import_site_check: what must not be said of URLs
-- in:  $1 provider_id bigint
-- out:
INSERT INTO pg_temp.import_finding (place, field, rule, name, other, whose)
SELECT max(place), 'site', 'site_host_twice', max(site), min(place), min(site)
  FROM pg_temp.import_row
 WHERE site <> ''
 GROUP BY client, site_host
HAVING min(site) <> max(site)
UNION ALL
SELECT max(place), 'audience', 'site_torn', site, min(place), NULL
  FROM pg_temp.import_row
 WHERE site <> ''
 GROUP BY client, site
HAVING min(audience) <> max(audience)
UNION ALL
SELECT max(place), 'site', 'site_of_two', site, min(place), NULL
  FROM pg_temp.import_row
 WHERE site <> ''
 GROUP BY site
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
