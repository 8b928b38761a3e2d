-- keyd_bundle_add: give a bundle its number
-- in:  $1 provider_id, $2 relay_id, $3 request uuid, $4 manifest digest, $5 tree digest, $6 entries, $7 lifetime seconds
-- out: sequence, made_at, not_after
INSERT INTO relay_bundle (provider_id, relay_id, sequence, request, manifest, tree, entries, made_at, not_after)
SELECT $1::bigint, $2::bigint,
       (SELECT coalesce(max(sequence), 0) + 1 FROM relay_bundle
         WHERE provider_id = $1::bigint AND relay_id = $2::bigint),
       $3::uuid, $4::bytea, $5::bytea, $6::int, now(), now() + make_interval(secs => $7::int)
RETURNING sequence, extract(epoch FROM made_at)::bigint AS made_at, extract(epoch FROM not_after)::bigint AS not_after
