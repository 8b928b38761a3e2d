-- import_smarthost_check: what must not be said of smarthosts
-- in:  $1 provider_id bigint
-- out:
INSERT INTO pg_temp.import_finding (place, field, rule, name, other)
SELECT max(place), 'smarthost', 'smarthost_torn', smarthost_host || ':' || smarthost_port, min(place)
  FROM pg_temp.import_row
 WHERE smarthost_host IS NOT NULL
 GROUP BY client, smarthost_host, smarthost_port
HAVING min(smarthost_user) <> max(smarthost_user) OR min(tls) <> max(tls) OR min(ca) <> max(ca)
UNION ALL
SELECT place, 'smarthost', 'smarthost_userless', name, NULL
  FROM pg_temp.import_item
 WHERE noun = 'smarthost' AND verb = 'add' AND NOT said ? 'auth_user'
UNION ALL
SELECT i.place, 'smarthost', 'smarthost_retired', i.name, NULL
  FROM pg_temp.import_item AS i
  JOIN smarthost AS s ON s.provider_id = $1 AND s.id = i.id
 WHERE i.noun = 'smarthost' AND s.retired_at IS NOT NULL;
