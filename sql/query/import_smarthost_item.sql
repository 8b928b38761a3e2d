-- import_smarthost_item: each smarthost of the file; port 465 speaks TLS from the first octet
-- in:  $1 provider_id bigint
-- out:
INSERT INTO pg_temp.import_item (noun, verb, place, id, client, name, said, changed, torn)
SELECT 'smarthost', CASE WHEN h.id IS NULL THEN 'add' WHEN d.changed IS NULL THEN 'same' ELSE 'change' END,
       f.place, h.id, f.client, f.host || ':' || f.port,
       f.said || jsonb_build_object('host', f.host, 'port', f.port), d.changed, f.torn
  FROM (SELECT client, smarthost_host AS host, smarthost_port AS port, min(place) AS place,
               jsonb_strip_nulls(jsonb_build_object('auth_user', max(smarthost_user), 'tls', max(tls),
                   'ca', max(ca))) AS said,
               min(smarthost_user) <> max(smarthost_user) OR min(tls) <> max(tls) OR min(ca) <> max(ca) AS torn
          FROM pg_temp.import_row
         WHERE smarthost_host IS NOT NULL
         GROUP BY client, smarthost_host, smarthost_port) AS f
  LEFT JOIN (SELECT s.id, c.name AS client, s.host, s.port, s.auth_user, s.tls, s.ca
               FROM smarthost AS s
               JOIN client AS c ON c.provider_id = $1 AND c.id = s.client_id
              WHERE s.provider_id = $1) AS h
       ON h.client = f.client AND h.host = f.host AND h.port = f.port
 CROSS JOIN LATERAL (SELECT CASE WHEN h.id IS NOT NULL THEN import_changed(
                                jsonb_build_object('auth_user', h.auth_user, 'tls', h.tls, 'ca', h.ca),
                                f.said) END) AS d (changed);
