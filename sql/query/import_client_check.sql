-- import_client_check: what must not be said of clients
-- in:  $1 provider_id bigint
-- out:
WITH torn AS (
    SELECT r.place, r.client, v.field, v.value, first_value(v.value) OVER w AS first,
           first_value(r.place) OVER w AS first_place
      FROM pg_temp.import_item AS t
      JOIN pg_temp.import_row AS r ON r.client = t.name
     CROSS JOIN LATERAL (VALUES ('title', r.title), ('language', r.language), ('contact', r.contact),
                                ('reply_to', r.reply_to)) AS v (field, value)
     WHERE t.noun = 'client' AND t.torn AND v.value IS NOT NULL
    WINDOW w AS (PARTITION BY r.client, v.field ORDER BY r.place)
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
