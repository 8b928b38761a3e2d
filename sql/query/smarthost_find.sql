-- smarthost_find: the smarthosts of a client that a host name may mean
-- in:  $1 provider_id, $2 client_id, $3 host
-- out: id, host, port, has_secret
SELECT h.id, h.host, h.port,
       EXISTS (SELECT FROM smarthost_secret s
                WHERE s.provider_id = h.provider_id AND s.smarthost_id = h.id AND s.retired_at IS NULL) AS has_secret
  FROM smarthost h
 WHERE h.provider_id = $1::bigint AND h.client_id = $2::bigint AND h.retired_at IS NULL
   AND $3::text IN (h.host, h.host || ':' || h.port)
 ORDER BY h.port
