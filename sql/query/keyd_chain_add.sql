-- keyd_chain_add: the links of some events, in this order
-- in:  $1 provider_id bigint, $2 first position bigint, $3 event ids bigint[], $4 digests as hex text[]
-- out:
INSERT INTO event_link (provider_id, position, event_id, digest)
SELECT $1::bigint, $2::bigint + n - 1, id, decode(digest, 'hex')
  FROM unnest($3::bigint[], $4::text[]) WITH ORDINALITY AS l (id, digest, n)
