-- relay_list: relays I may see
-- in:  $1 provider text or NULL, $2 client text or NULL (none has one), $3 name text or NULL,
--      $4 retired ones too boolean,
--      $5 id bigint or NULL
-- out: provider_id, client_id, id, provider, client, name, subject, above_retired, uuid, helo, mta, signer,
--      addresses, fingerprint, generation, running, created_at, retired_at
SELECT r.provider_id, NULL::bigint AS client_id, r.id, p.name AS provider, NULL::text AS client, r.name,
       'relay ' || p.name || '/' || r.name AS subject,
       CASE WHEN p.retired_at IS NOT NULL THEN p.name::text END AS above_retired,
       r.uuid, r.helo, r.mta, r.signer,
       ARRAY(SELECT host(a.address) FROM relay_address a
              WHERE a.provider_id = r.provider_id AND a.relay_id = r.id ORDER BY a.address) AS addresses,
       k.fingerprint,
       (SELECT max(g.number) FROM generation g
         WHERE g.provider_id = r.provider_id AND g.relay_id = r.id) AS generation,
       x.number AS running,
       to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
       to_char(r.retired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS retired_at
  FROM relay r JOIN provider p USING (provider_id)
  LEFT JOIN relay_key k ON k.provider_id = r.provider_id AND k.relay_id = r.id AND k.retired_at IS NULL
  LEFT JOIN relay_running x ON x.provider_id = r.provider_id AND x.relay_id = r.id
 WHERE ($1::text IS NULL OR p.name = $1)
   AND $2::text IS NULL
   AND ($3::text IS NULL OR r.name = $3)
   AND ($4::boolean OR r.retired_at IS NULL)
   AND ($5::bigint IS NULL OR r.id = $5)
 ORDER BY p.name, r.name;
