-- relay_needed: the senders that would have no relay left without this one, and whose SPF record
--               names an address of it
-- in:  $1 provider_id bigint, $2 id bigint
-- out: what
SELECT 'sender ' || s.address AS what
  FROM sender s
  JOIN domain d ON d.provider_id = s.provider_id AND d.name = s.domain
 WHERE s.provider_id = $1::bigint AND s.retired_at IS NULL AND d.mode <> 'on-premises'
   AND NOT EXISTS (SELECT FROM relay o
                    WHERE o.provider_id = $1 AND o.id <> $2::bigint AND o.retired_at IS NULL)
UNION
SELECT format('domain %s (%s)', s.domain, host(a.address))
  FROM relay_address a
  JOIN spf_seen s ON s.provider_id = a.provider_id
 WHERE a.provider_id = $1 AND a.relay_id = $2 AND spf_names_address(s.record, a.address)
   AND NOT EXISTS (SELECT FROM relay_address b
                     JOIN relay o ON o.provider_id = b.provider_id AND o.id = b.relay_id
                    WHERE b.provider_id = $1 AND b.relay_id <> $2 AND b.address = a.address
                      AND o.retired_at IS NULL)
 ORDER BY 1;
