-- export_relay: a relay with its provider, the identity it was enrolled with, and the last generation made for it
-- (ed25519: the provider orders such keys for everybody, or somebody ordered one by hand)
-- in:  $1 provider name or NULL for any, $2 relay name
-- out: provider_id, provider, ed25519, id, uuid, name, helo, mta, signer, retired, fingerprint, last_number, last_uuid, last_digest, running, snapshot_at
SELECT r.provider_id, p.name AS provider,
       p.ed25519 OR EXISTS (SELECT FROM dkim_key e
                             WHERE e.provider_id = r.provider_id AND e.algorithm = 'ed25519-sha256'
                               AND e.retired_at IS NULL AND e.revoked_at IS NULL AND e.cancelled_at IS NULL) AS ed25519,
       r.id, r.uuid, r.name, r.helo, r.mta, r.signer,
       r.retired_at IS NOT NULL AS retired, k.fingerprint,
       g.number AS last_number, g.uuid AS last_uuid, g.digest AS last_digest, x.number AS running,
       now() AS snapshot_at
  FROM relay r
  JOIN provider p ON p.provider_id = r.provider_id
  LEFT JOIN relay_key k ON k.provider_id = r.provider_id AND k.relay_id = r.id AND k.retired_at IS NULL
  LEFT JOIN generation g ON g.provider_id = r.provider_id AND g.relay_id = r.id
                        AND g.number = (SELECT max(o.number) FROM generation o
                                         WHERE o.provider_id = r.provider_id AND o.relay_id = r.id)
  LEFT JOIN relay_running x ON x.provider_id = r.provider_id AND x.relay_id = r.id
 WHERE ($1::text IS NULL OR p.name = $1::text)
   AND r.name = $2::text;
