-- keyd_kek_rewrap: the same keys, wrapped under another master key; an empty commitment is none
-- in:  $1 provider_id list, $2 id list, $3 sealed list, $4 mk_uuid, $5 mk_version, $6 commitment list
-- out:
UPDATE kek k SET sealed = n.sealed, mk_uuid = $4::uuid, mk_version = $5::int, commitment = nullif(n.commitment, '')
  FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $6::bytea[]) AS n (provider_id, id, sealed, commitment)
 WHERE k.provider_id = n.provider_id AND k.id = n.id
