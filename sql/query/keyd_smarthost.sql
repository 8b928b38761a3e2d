-- keyd_smarthost: what a password is bound to, and the number of the next one
-- in:  $1 provider_id, $2 id
-- out: provider_uuid, client_uuid, client_id, uuid, host, port, next_version
SELECT p.uuid AS provider_uuid, c.uuid AS client_uuid, c.id AS client_id, h.uuid, h.host, h.port,
       (SELECT coalesce(max(s.version), 0) + 1 FROM smarthost_secret s
         WHERE s.provider_id = h.provider_id AND s.smarthost_id = h.id) AS next_version
  FROM smarthost h
  JOIN provider p ON p.provider_id = h.provider_id
  JOIN client c ON c.provider_id = h.provider_id AND c.id = h.client_id
 WHERE h.provider_id = $1::bigint AND h.id = $2::bigint
