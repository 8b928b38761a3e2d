-- import_login_item: each login of the file
-- in:  $1 provider_id bigint
-- out:
INSERT INTO pg_temp.import_item (noun, verb, place, id, client, name, said)
SELECT 'login', CASE WHEN l.id IS NULL THEN 'add' ELSE 'same' END,
       f.place, l.id, f.client, f.name, '{}'
  FROM (SELECT r.client, n.name, min(r.place) AS place
          FROM pg_temp.import_row AS r
         CROSS JOIN LATERAL unnest(r.logins) AS n (name)
         WHERE r.logins IS NOT NULL
         GROUP BY r.client, n.name) AS f
  LEFT JOIN login AS l ON l.provider_id = $1 AND l.name = f.name;
