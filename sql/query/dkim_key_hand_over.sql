-- dkim_key_hand_over: its record stands on a sheet, or in our own zone, now
-- in:  $1 provider_id, $2 id
-- out:
UPDATE dkim_key k
   SET publish_pending_at = clock_timestamp()
 WHERE k.provider_id = $1::bigint AND k.id = $2::bigint AND k.publish_pending_at IS NULL
   AND k.cancelled_at IS NULL AND k.revoked_at IS NULL
