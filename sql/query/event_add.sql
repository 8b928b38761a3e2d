-- event_add: write down what happened, in the transaction in which it does
-- in:  $1 provider_id bigint, $2 client_id bigint or NULL, $3 subject text, $4 what text,
--      $5 why text or NULL, $6 detail jsonb or NULL
-- out:
INSERT INTO event (provider_id, client_id, subject, what, why, detail)
VALUES ($1, $2, $3, $4, $5, coalesce($6::jsonb, '{}'))
