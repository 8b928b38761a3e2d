-- import_relay_add: a new relay
-- in:  $1 provider_id bigint, $2 name text, $3 helo text, $4 mta text, $5 signer text
-- out:
INSERT INTO relay (provider_id, name, helo, mta, signer)
VALUES ($1, $2, $3, coalesce($4, 'postfix'), coalesce($5, 'opendkim'));
