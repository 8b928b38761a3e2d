-- import_site_item: each URL of the file; a client has one on a host
-- in:  $1 provider_id bigint
-- out:
INSERT INTO pg_temp.import_item (noun, verb, place, id, client, name, said, changed, torn)
SELECT 'site', CASE WHEN h.id IS NULL THEN 'add' WHEN d.changed IS NULL THEN 'same' ELSE 'change' END,
       f.place, h.id, f.client, f.url, f.said || jsonb_build_object('host', f.host), d.changed, f.torn
  FROM (SELECT client, site_host AS host, min(place) AS place, max(site) AS url,
               jsonb_strip_nulls(jsonb_build_object('url', max(site), 'audience', max(audience))) AS said,
               min(site) <> max(site) OR min(audience) <> max(audience) AS torn
          FROM pg_temp.import_row
         WHERE site <> ''
         GROUP BY client, site_host) AS f
  LEFT JOIN (SELECT s.id, c.name AS client, s.host, s.url, s.audience
               FROM site AS s
               JOIN client AS c ON c.provider_id = $1 AND c.id = s.client_id
              WHERE s.provider_id = $1) AS h ON h.client = f.client AND h.host = f.host
 CROSS JOIN LATERAL (SELECT CASE WHEN h.id IS NOT NULL THEN import_changed(
                                jsonb_build_object('url', h.url, 'audience', h.audience), f.said)
                            END) AS d (changed);
