-- import_sender_check: what must not be said of senders
-- in:  $1 provider_id bigint
-- out:
INSERT INTO pg_temp.import_finding (place, field, rule, name, other, whose)
SELECT max(place), 'sender', 'sender_twice', sender, min(place), NULL
  FROM pg_temp.import_row
 WHERE sender IS NOT NULL
 GROUP BY sender
HAVING count(*) > 1
UNION ALL
SELECT r.place, 'sender', 'sender_of_other', r.sender, NULL, c.name
  FROM pg_temp.import_row AS r
  JOIN sender AS s ON s.provider_id = $1 AND s.address = r.sender AND s.retired_at IS NULL
  JOIN client AS c ON c.provider_id = $1 AND c.id = s.client_id
 WHERE r.sender IS NOT NULL AND c.name <> r.client;
