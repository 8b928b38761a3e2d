-- officer_list: who can give a provider's key back
-- in:  $1 provider_id or NULL, $2 retired ones too
-- out: provider, name, fingerprint, state, added_by, added_at, confirmed_by, proved_at, silent_days
SELECT p.name AS provider, o.name, o.fingerprint,
       CASE WHEN o.retired_at IS NOT NULL THEN 'retired' WHEN o.confirmed_at IS NULL THEN 'waiting' ELSE 'confirmed' END AS state,
       o.added_by, utc(o.created_at) AS added_at, o.confirmed_by, utc(o.proved_at) AS proved_at,
       floor(extract(epoch FROM clock_timestamp() - coalesce(o.proved_at, o.confirmed_at, o.created_at)) / 86400)::int AS silent_days
  FROM officer o
  JOIN provider p ON p.provider_id = o.provider_id
 WHERE ($1::bigint IS NULL OR o.provider_id = $1::bigint) AND ($2::boolean OR o.retired_at IS NULL)
 ORDER BY p.name, o.name, o.id
