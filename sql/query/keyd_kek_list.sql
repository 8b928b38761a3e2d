-- keyd_kek_list: keys of a provider that seal something, or will; the one in use first
-- in:  $1 provider_id
-- out: id, provider_uuid, uuid, version, kind, mk_uuid, mk_version, sealed, commitment, quorum, complete, retired, used
SELECT * FROM (
SELECT k.id, p.uuid AS provider_uuid, k.uuid, k.version, k.kind, k.mk_uuid, k.mk_version, k.sealed, k.commitment,
       k.quorum, k.escrow_complete_at IS NOT NULL AS complete, k.retired_at IS NOT NULL AS retired,
       (SELECT count(*) FROM dkim_secret s WHERE s.provider_id = k.provider_id AND s.kek_id = k.id)
       + (SELECT count(*) FROM smarthost_secret s WHERE s.provider_id = k.provider_id AND s.kek_id = k.id) AS used
  FROM kek k
  JOIN provider p ON p.provider_id = k.provider_id
 WHERE k.provider_id = $1::bigint AND k.kind = 'provider') x
 WHERE NOT retired OR used > 0
 ORDER BY retired, id DESC
