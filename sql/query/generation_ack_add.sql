-- generation_ack_add: a relay runs this generation now
-- in:  $1 provider_id, $2 relay_id, $3 number
-- out: at
INSERT INTO generation_ack (provider_id, relay_id, number)
VALUES ($1::bigint, $2::bigint, $3::bigint)
RETURNING at;
