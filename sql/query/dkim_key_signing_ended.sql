-- dkim_key_signing_ended: the last relay acknowledged that it signs with another key
-- in:  $1 provider_id, $2 id, $3 state that the caller saw, $4 moment of that acknowledgement
-- out:
UPDATE dkim_key k
   SET last_signed_at = greatest($4::timestamptz, k.retiring_at)
 WHERE k.provider_id = $1::bigint AND k.id = $2::bigint AND dkim_key_state(k, clock_timestamp()) = $3::text
   AND k.last_signed_at IS NULL
