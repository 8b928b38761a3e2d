-- import_sender_login_add: logins that a sender lists now
-- in:  $1 provider_id bigint
-- out:
INSERT INTO sender_login (provider_id, sender_id, login_id)
SELECT $1, s.id, l.id
  FROM (SELECT address, unnest(logins) AS login
          FROM pg_temp.import_sender
         WHERE verb <> 'same' AND logins IS NOT NULL) AS i
  JOIN sender AS s ON s.provider_id = $1 AND s.address = i.address AND s.retired_at IS NULL
  JOIN login AS l ON l.provider_id = $1 AND l.name = i.login
    ON CONFLICT DO NOTHING;
