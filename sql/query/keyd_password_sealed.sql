-- keyd_password_sealed: the password in use, and all that it is bound to
-- in:  $1 provider_id, $2 smarthost uuid
-- out: provider_uuid, client_uuid, uuid, version, kek_id, sealed
SELECT p.uuid AS provider_uuid, c.uuid AS client_uuid, h.uuid, s.version, s.kek_id, s.sealed
  FROM smarthost h
  JOIN smarthost_secret s ON s.provider_id = h.provider_id AND s.smarthost_id = h.id AND s.retired_at IS NULL
  JOIN provider p ON p.provider_id = h.provider_id
  JOIN client c ON c.provider_id = h.provider_id AND c.id = h.client_id
 WHERE h.provider_id = $1::bigint AND h.uuid = $2::uuid
