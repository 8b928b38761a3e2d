-- dkim_key_activate: relays sign with it from now on, and it is kept for no other day
-- in:  $1 provider_id, $2 id, $3 state that the caller saw
-- out:
UPDATE dkim_key k
   SET active_at = now(), standby = false
 WHERE k.provider_id = $1::bigint AND k.id = $2::bigint AND dkim_key_state(k, clock_timestamp()) = $3::text
