-- chain_provider: whose histories there are
-- in:  $1 provider_id bigint or NULL
-- out: provider_id, uuid, name
SELECT provider_id, uuid, name FROM provider
 WHERE $1::bigint IS NULL OR provider_id = $1
 ORDER BY name
