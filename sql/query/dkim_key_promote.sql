-- dkim_key_promote: the standby key is the next one to sign
-- in:  $1 provider_id, $2 id, $3 state that the caller saw
-- out:
UPDATE dkim_key k
   SET standby = false
 WHERE k.provider_id = $1::bigint AND k.id = $2::bigint AND dkim_key_state(k, clock_timestamp()) = $3::text
   AND k.standby
