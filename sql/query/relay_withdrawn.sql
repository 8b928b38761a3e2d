-- relay_withdrawn: whose SPF record names an address that a relay would no longer have
-- in:  $1 provider_id bigint, $2 id bigint, $3 the addresses it shall have inet[]
-- out: what
SELECT format('domain %s (%s)', s.domain, host(a.address)) AS what
  FROM relay_address a
  JOIN spf_seen s ON s.provider_id = a.provider_id
 WHERE a.provider_id = $1::bigint AND a.relay_id = $2::bigint AND a.address <> ALL ($3::inet[])
   AND spf_names_address(s.record, a.address)
   AND NOT EXISTS (SELECT FROM relay_address b
                     JOIN relay o ON o.provider_id = b.provider_id AND o.id = b.relay_id
                    WHERE b.provider_id = $1 AND b.relay_id <> $2 AND b.address = a.address
                      AND o.retired_at IS NULL)
 ORDER BY 1;
