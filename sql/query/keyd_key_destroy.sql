-- keyd_key_destroy: the life of a key is over; its private half may go
-- in:  $1 provider_id, $2 id
-- out: domain, selector, client_id
UPDATE dkim_key k
   SET destroyed_at = coalesce(k.destroyed_at, now())
  FROM domain d
 WHERE k.provider_id = $1::bigint AND k.id = $2::bigint
   AND d.provider_id = k.provider_id AND d.id = k.domain_id
   AND (k.retired_at IS NOT NULL OR k.revoked_at IS NOT NULL OR k.cancelled_at IS NOT NULL)
RETURNING d.name AS domain, k.selector, d.client_id
