-- keyd_event_add: what the service did, for whom
-- in:  $1 provider_id, $2 actor, $3 client_id or NULL, $4 subject, $5 what, $6 why, $7 detail json
-- out:
INSERT INTO event (provider_id, actor, client_id, subject, what, why, detail)
VALUES ($1::bigint, $2::text, $3::bigint, $4::text, $5::text, $6::text, $7::jsonb)
