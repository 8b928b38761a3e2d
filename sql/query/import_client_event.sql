-- import_client_event: one event for each client of which something changed
-- in:  $1 provider_id bigint, $2 why text
-- out:
INSERT INTO event (provider_id, client_id, subject, what, why, detail)
SELECT $1, n.client_id, p.name || '/' || n.client, 'client.import', $2,
       jsonb_object_agg(n.noun || '.' || n.verb, n.count)
  FROM (SELECT c.id AS client_id, i.client, i.noun, i.verb, count(*) AS count
          FROM pg_temp.import_item AS i
          JOIN client AS c ON c.provider_id = $1 AND c.name = i.client
         WHERE i.verb IN ('add', 'change', 'retire')
         GROUP BY c.id, i.client, i.noun, i.verb
        UNION ALL
        SELECT c.id, c.name, 'sender', i.verb, count(*)
          FROM pg_temp.import_sender AS i
          JOIN client AS c ON c.provider_id = $1 AND c.id = i.client_id
         WHERE i.verb IN ('add', 'change', 'retire')
         GROUP BY c.id, c.name, i.verb) AS n
  JOIN provider AS p ON p.provider_id = $1
 GROUP BY n.client_id, p.name, n.client;
