-- dkim_key_seen: every authoritative server returned exactly this key; keys that already sign stay as they are
-- in:  $1 provider bigint, $2 domain bigint, $3 selector text, $4 ttl int: of the record, or of its absence
-- out: state, usable_at
UPDATE dkim_key AS k
   SET seen_since = coalesce(seen_since, clock_timestamp()),
       published_at = coalesce(published_at, clock_timestamp()),
       probes = probes + 1,
       ttl_seen = greatest(ttl_seen, $4)
 WHERE provider_id = $1
   AND domain_id = $2
   AND selector = $3
   AND publish_pending_at IS NOT NULL
   AND active_at IS NULL
   AND revoked_at IS NULL
   AND cancelled_at IS NULL
RETURNING dkim_key_state(k) AS state, usable_at;
