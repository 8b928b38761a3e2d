-- escrow_list: the key of every provider: can it be brought back, and was that ever tried?
-- in:  $1 provider_id or NULL
-- out: provider, policy, kek, version, quorum, officers, complete_at, drilled_at, undrilled_days
SELECT p.name AS provider, p.escrow_policy AS policy, k.uuid AS kek, k.version, k.quorum,
       (SELECT count(*) FROM officer o WHERE o.provider_id = p.provider_id AND o.retired_at IS NULL
           AND o.confirmed_at IS NOT NULL) AS officers,
       utc(k.escrow_complete_at) AS complete_at, utc(k.drilled_at) AS drilled_at,
       floor(extract(epoch FROM clock_timestamp() - coalesce(k.drilled_at, k.escrow_complete_at)) / 86400)::int AS undrilled_days
  FROM provider p
  LEFT JOIN kek k ON k.provider_id = p.provider_id AND k.kind = 'provider' AND k.retired_at IS NULL
 WHERE ($1::bigint IS NULL OR p.provider_id = $1::bigint) AND p.retired_at IS NULL
 ORDER BY p.name
