-- keyd_share_list: the shares of a key; place is the index of the officer's part, from 0
-- in:  $1 provider_id, $2 kek_id
-- out: officers, officer_id, place, public_key, share, retired
SELECT s.officers::text[] AS officers, s.officer_id, array_position(s.officers, s.officer_id) - 1 AS place,
       o.public_key, s.share, o.retired_at IS NOT NULL AS retired
  FROM escrow_share s
  JOIN officer o ON o.provider_id = s.provider_id AND o.id = s.officer_id
 WHERE s.provider_id = $1::bigint AND s.kek_id = $2::bigint
 ORDER BY s.officers, place
