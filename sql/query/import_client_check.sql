-- import_client_check: what must not be said of clients
-- in:  $1 provider_id bigint
-- out:
WITH said AS (
    SELECT r.place, r.client, v.field, v.value
      FROM pg_temp.import_row AS r
     CROSS JOIN LATERAL (VALUES ('title', r.title), ('language', r.language), ('contact', r.contact),
                                ('reply_to', r.reply_to)) AS v (field, value)
     WHERE v.value IS NOT NULL
), torn AS (
    SELECT s.*, first_value(s.value) OVER w AS first, first_value(s.place) OVER w AS first_place
      FROM said AS s
      JOIN (SELECT client, field FROM said GROUP BY client, field HAVING min(value) <> max(value)) AS t
           USING (client, field)
    WINDOW w AS (PARTITION BY s.client, s.field ORDER BY s.place)
)
INSERT INTO pg_temp.import_finding (place, field, rule, name, other)
SELECT place, field, 'client_torn', client, first_place
  FROM torn
 WHERE value <> first
UNION ALL
SELECT i.place, 'client', 'client_retired', i.name, NULL
  FROM pg_temp.import_item AS i
  JOIN client AS c ON c.provider_id = $1 AND c.id = i.id
 WHERE i.noun = 'client' AND c.retired_at IS NOT NULL
UNION ALL
SELECT place, 'title', 'client_untitled', name, NULL
  FROM pg_temp.import_item
 WHERE noun = 'client' AND verb = 'add' AND NOT said ? 'title';
