-- keyd_kek_passwords: passwords under one key, old versions too, in pieces
-- in:  $1 provider_id, $2 kek_id, $3 after this smarthost_id, $4 and this version, $5 at most so many
-- out: smarthost_id, provider_uuid, client_uuid, uuid, version, kek_id, sealed
SELECT s.smarthost_id, p.uuid AS provider_uuid, c.uuid AS client_uuid, h.uuid, s.version, s.kek_id, s.sealed
  FROM smarthost_secret s
  JOIN smarthost h ON h.provider_id = s.provider_id AND h.id = s.smarthost_id
  JOIN provider p ON p.provider_id = s.provider_id
  JOIN client c ON c.provider_id = h.provider_id AND c.id = h.client_id
 WHERE s.provider_id = $1::bigint AND s.kek_id = $2::bigint AND (s.smarthost_id, s.version) > ($3::bigint, $4::int)
 ORDER BY s.smarthost_id, s.version
 LIMIT $5::int
