-- scope_provider: a provider by its short name
-- in:  $1 provider text
-- out: provider_id, provider, language
SELECT provider_id, name AS provider, language FROM provider WHERE name = $1
