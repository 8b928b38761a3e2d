-- keyd_login_senders: the senders in use of a domain whose mail leaves through this smarthost
-- in:  $1 provider_id, $2 domain_id, $3 smarthost_id
-- out: address
SELECT s.address
  FROM sender s
  JOIN domain d ON d.provider_id = s.provider_id AND d.name = s.domain
 WHERE s.provider_id = $1::bigint AND d.id = $2::bigint AND d.smarthost_id = $3::bigint
   AND s.retired_at IS NULL AND d.retired_at IS NULL
 ORDER BY s.address LIMIT 100
