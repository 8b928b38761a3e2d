-- dkim_key_relays: what the relays said about a key, and which key it would relieve
-- in:  $1 provider_id, $2 id
-- out: without_key, signing, ended_at, active_id, rsa_active
SELECT relays_without_key(k.provider_id, k.id) AS without_key,
       relays_signing_with_key(k.provider_id, k.id) AS signing,
       utc(key_signing_ended(k.provider_id, k.id)) AS ended_at,
       (SELECT o.id FROM dkim_key o
         WHERE o.provider_id = k.provider_id AND o.domain_id = k.domain_id AND o.algorithm = k.algorithm AND o.id <> k.id
           AND o.active_at IS NOT NULL AND o.retiring_at IS NULL AND o.revoked_at IS NULL) AS active_id,
       EXISTS (SELECT FROM dkim_key o
                WHERE o.provider_id = k.provider_id AND o.domain_id = k.domain_id AND o.algorithm = 'rsa-sha256'
                  AND o.active_at IS NOT NULL AND o.retiring_at IS NULL AND o.revoked_at IS NULL) AS rsa_active
  FROM dkim_key k
 WHERE k.provider_id = $1::bigint AND k.id = $2::bigint
