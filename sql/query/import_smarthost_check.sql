-- import_smarthost_check: what must not be said of smarthosts
-- in:  $1 provider_id bigint
-- out:
WITH torn AS (
    SELECT r.place, t.name, v.value, first_value(v.value) OVER w AS first,
           first_value(r.place) OVER w AS first_place
      FROM pg_temp.import_item AS t
      JOIN pg_temp.import_row AS r
           ON r.client = t.client AND r.smarthost_host || ':' || r.smarthost_port = t.name
     CROSS JOIN LATERAL (VALUES ('user', r.smarthost_user), ('tls', r.tls), ('ca', r.ca)) AS v (field, value)
     WHERE t.noun = 'smarthost' AND t.torn AND v.value IS NOT NULL
    WINDOW w AS (PARTITION BY r.client, t.name, v.field ORDER BY r.place)
)
INSERT INTO pg_temp.import_finding (place, field, rule, name, other)
SELECT place, 'smarthost', 'smarthost_torn', name, first_place
  FROM torn
 WHERE value <> first
UNION ALL
SELECT place, 'smarthost', 'smarthost_userless', name, NULL
  FROM pg_temp.import_item
 WHERE noun = 'smarthost' AND verb = 'add' AND NOT said ? 'auth_user'
UNION ALL
SELECT i.place, 'smarthost', 'smarthost_retired', i.name, NULL
  FROM pg_temp.import_item AS i
  JOIN smarthost AS s ON s.provider_id = $1 AND s.id = i.id
 WHERE i.noun = 'smarthost' AND s.retired_at IS NOT NULL;
