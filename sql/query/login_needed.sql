-- login_needed: senders that list a login
-- in:  $1 provider_id bigint, $2 id bigint
-- out: what
SELECT 'sender ' || s.address AS what
  FROM sender_login sl JOIN sender s ON s.provider_id = sl.provider_id AND s.id = sl.sender_id
 WHERE sl.provider_id = $1::bigint AND sl.login_id = $2::bigint AND s.retired_at IS NULL
 ORDER BY 1;
