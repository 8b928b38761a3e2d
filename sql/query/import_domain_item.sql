-- import_domain_item: each sender domain of the file; the only smarthost that
--      the file names for a client serves its direct domains
-- in:  $1 provider_id bigint
-- out:
INSERT INTO pg_temp.import_item (noun, verb, place, id, client, name, said, changed, torn)
SELECT 'domain', CASE WHEN h.id IS NULL THEN 'add' WHEN d.changed IS NULL THEN 'same' ELSE 'change' END,
       f.place, h.id, coalesce(h.client, f.client), f.name, w.said, d.changed,
       f.torn OR f.client <> f.last_client OR f.client <> h.client
  FROM (SELECT domain AS name, min(client) AS client,
               max(client) AS last_client, min(place) AS place, max(mode) AS mode,
               jsonb_strip_nulls(jsonb_build_object('mode', max(mode),
                   'smarthost', max(coalesce(smarthost_host || ':' || smarthost_port, smarthost)),
                   'envelope_domain', max(envelope_domain), 'dkim', bool_or(dkim),
                   'dkim_publish', max(dkim_publish))) AS said,
               min(mode) <> max(mode) OR bool_and(dkim) <> bool_or(dkim)
               OR min(coalesce(smarthost_host || ':' || smarthost_port, smarthost))
                  <> max(coalesce(smarthost_host || ':' || smarthost_port, smarthost))
               OR min(envelope_domain) <> max(envelope_domain)
               OR min(dkim_publish) <> max(dkim_publish) AS torn
          FROM pg_temp.import_row
         WHERE domain IS NOT NULL
         GROUP BY domain) AS f
  LEFT JOIN (SELECT d.id, c.name AS client, d.name, d.mode, d.envelope_domain, d.dkim, d.dkim_publish,
                    s.host || ':' || s.port AS smarthost
               FROM domain AS d
               JOIN client AS c ON c.provider_id = $1 AND c.id = d.client_id
               LEFT JOIN smarthost AS s ON s.provider_id = $1 AND s.id = d.smarthost_id
              WHERE d.provider_id = $1) AS h ON h.name = f.name
  LEFT JOIN (SELECT client, min(name) AS name
               FROM pg_temp.import_item
              WHERE noun = 'smarthost'
              GROUP BY client
             HAVING count(*) = 1) AS sole ON sole.client = f.client
 CROSS JOIN LATERAL (SELECT CASE
            WHEN f.said ? 'smarthost' THEN f.said
            WHEN f.mode = 'direct' AND h.smarthost IS NULL AND sole.name IS NOT NULL
            THEN f.said || jsonb_build_object('smarthost', sole.name)
            WHEN f.mode <> 'direct' AND h.smarthost IS NOT NULL THEN f.said || '{"smarthost": ""}'
            ELSE f.said END) AS w (said)
 CROSS JOIN LATERAL (SELECT CASE WHEN h.id IS NOT NULL THEN import_changed(
                                jsonb_build_object('mode', h.mode, 'smarthost', h.smarthost,
                                    'envelope_domain', h.envelope_domain, 'dkim', h.dkim,
                                    'dkim_publish', h.dkim_publish), w.said) END) AS d (changed);
