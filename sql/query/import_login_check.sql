-- import_login_check: what must not be said of logins
-- in:  $1 provider_id bigint
-- out:
INSERT INTO pg_temp.import_finding (place, field, rule, name, other, whose)
SELECT max(place), 'logins', 'login_of_two', name, min(place), NULL
  FROM pg_temp.import_item
 WHERE noun = 'login'
 GROUP BY name
HAVING min(client) <> max(client)
UNION ALL
SELECT i.place, 'logins', CASE WHEN c.name = i.client THEN 'login_retired' ELSE 'login_of_other' END,
       i.name, NULL, CASE WHEN c.name <> i.client THEN c.name END
  FROM pg_temp.import_item AS i
  JOIN login AS l ON l.provider_id = $1 AND l.id = i.id
  JOIN client AS c ON c.provider_id = $1 AND c.id = l.client_id
 WHERE i.noun = 'login' AND (c.name <> i.client OR l.retired_at IS NOT NULL);
