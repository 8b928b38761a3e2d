-- dkim_key_missed: a server returned something else, or nothing: the wait begins anew when it is back
-- in:  $1 provider bigint, $2 domain bigint, $3 selector text, $4 ttl int: of what was there instead
-- out:
UPDATE dkim_key
   SET seen_since = NULL,
       published_at = NULL,
       probes = 0,
       ttl_seen = greatest(ttl_seen, $4)
 WHERE provider_id = $1
   AND domain_id = $2
   AND selector = $3
   AND publish_pending_at IS NOT NULL
   AND active_at IS NULL
   AND revoked_at IS NULL
   AND cancelled_at IS NULL;
