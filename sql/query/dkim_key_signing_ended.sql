-- dkim_key_signing_ended: the last relay said that it signs with another key: note when that was
-- in:  $1 provider_id, $2 id, $3 state that the caller saw
-- out:
UPDATE dkim_key k
   SET last_signed_at = greatest(key_signing_ended(k.provider_id, k.id), k.retiring_at)
 WHERE k.provider_id = $1::bigint AND k.id = $2::bigint AND dkim_key_state(k, clock_timestamp()) = $3::text
   AND k.last_signed_at IS NULL AND relays_signing_with_key(k.provider_id, k.id) = '{}'
