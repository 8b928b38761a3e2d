-- keyd_bundle_find: the number that a request was given
-- in:  $1 provider_id, $2 request uuid
-- out: relay_id, sequence, manifest, tree, made_at, not_after
SELECT relay_id, sequence, manifest, tree, extract(epoch FROM made_at)::bigint AS made_at,
       extract(epoch FROM not_after)::bigint AS not_after
  FROM relay_bundle
 WHERE provider_id = $1::bigint AND request = $2::uuid
