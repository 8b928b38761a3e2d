-- import_sender_login_drop: logins that a sender no longer lists
-- in:  $1 provider_id bigint
-- out:
DELETE FROM sender_login AS sl
 USING pg_temp.import_sender AS i, login AS l
 WHERE sl.provider_id = $1 AND sl.sender_id = i.id AND i.verb = 'change' AND i.logins IS NOT NULL
   AND l.provider_id = $1 AND l.id = sl.login_id AND l.name <> ALL (i.logins);
