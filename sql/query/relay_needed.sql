-- relay_needed: the senders that would have no relay left without this one
-- in:  $1 provider_id bigint, $2 id bigint
-- out: what
SELECT 'sender ' || s.address AS what
  FROM sender s
  JOIN domain d ON d.provider_id = s.provider_id AND d.name = s.domain
 WHERE s.provider_id = $1::bigint AND s.retired_at IS NULL AND d.mode <> 'on-premises'
   AND NOT EXISTS (SELECT FROM relay o
                    WHERE o.provider_id = $1 AND o.id <> $2::bigint AND o.retired_at IS NULL)
 ORDER BY 1;
