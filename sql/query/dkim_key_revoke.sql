-- dkim_key_revoke: withdrawn in an emergency
-- in:  $1 provider_id, $2 id, $3 state that the caller saw
-- out:
UPDATE dkim_key k
   SET revoked_at = now()
 WHERE k.provider_id = $1::bigint AND k.id = $2::bigint AND dkim_key_state(k, clock_timestamp()) = $3::text
