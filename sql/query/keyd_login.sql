-- keyd_login: where a password is used, as whom, and how we introduce ourselves there: as the first relay
-- in:  $1 provider_id, $2 smarthost_id
-- out: client_id, uuid, host, port, tls, auth_user, helo
SELECT h.client_id, h.uuid, h.host, h.port, h.tls, h.auth_user,
       coalesce((SELECT r.helo FROM relay r WHERE r.provider_id = h.provider_id AND r.retired_at IS NULL
                  ORDER BY r.name LIMIT 1), p.hosting_domain) AS helo
  FROM smarthost h
  JOIN provider p ON p.provider_id = h.provider_id
 WHERE h.provider_id = $1::bigint AND h.id = $2::bigint AND h.retired_at IS NULL
