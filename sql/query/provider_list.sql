-- provider_list: providers I may see
-- in:  $1 provider text or NULL, $2 client text or NULL (none has one), $3 name text or NULL,
--      $4 retired ones too boolean,
--      $5 id bigint or NULL
-- out: provider_id, client_id, id, provider, client, name, subject, above_retired, uuid, title,
--      hosting_domain, default_sender, spf_host, language, contact, escrow_policy, dkim_publish, ed25519,
--      publish_margin, publish_probes, linger, rotate_every, dmarc_report, degrade_grace, keep_observations,
--      warn_after, advance, name_servers, clients, senders, relays, created_at, retired_at
SELECT p.provider_id, NULL::bigint AS client_id, p.provider_id AS id, p.name AS provider,
       NULL::text AS client, p.name, p.name AS subject, NULL::text AS above_retired, p.uuid, p.title,
       p.hosting_domain, p.default_sender, p.spf_host, p.language, p.contact, p.escrow_policy,
       p.dkim_publish, p.ed25519, p.publish_margin, p.publish_probes, p.linger, p.rotate_every,
       p.dmarc_report, p.degrade_grace, p.keep_observations, p.warn_after, p.advance, p.name_servers,
       (SELECT count(*) FROM client c WHERE c.provider_id = p.provider_id AND c.retired_at IS NULL) AS clients,
       (SELECT count(*) FROM sender s WHERE s.provider_id = p.provider_id AND s.retired_at IS NULL) AS senders,
       (SELECT count(*) FROM relay r WHERE r.provider_id = p.provider_id AND r.retired_at IS NULL) AS relays,
       to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
       to_char(p.retired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS retired_at
  FROM provider p
 WHERE ($1::text IS NULL OR p.name = $1)
   AND $2::text IS NULL
   AND ($3::text IS NULL OR p.name = $3)
   AND ($4::boolean OR p.retired_at IS NULL)
   AND ($5::bigint IS NULL OR p.provider_id = $5)
 ORDER BY p.name;
