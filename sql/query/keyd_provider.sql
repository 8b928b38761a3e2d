-- keyd_provider: a provider's names
-- in:  $1 provider_id
-- out: name, uuid
SELECT name, uuid FROM provider WHERE provider_id = $1::bigint
