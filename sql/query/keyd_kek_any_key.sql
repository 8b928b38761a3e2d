-- keyd_kek_any_key: some private half under a key, another one each time
-- in:  $1 provider_id, $2 kek_id
-- out: uuid
SELECT k.uuid
  FROM dkim_secret s
  JOIN dkim_key k ON k.provider_id = s.provider_id AND k.id = s.key_id
 WHERE s.provider_id = $1::bigint AND s.kek_id = $2::bigint
 ORDER BY random()
 LIMIT 1
