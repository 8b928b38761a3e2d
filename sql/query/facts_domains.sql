-- facts_domains: these sender domains of a provider, as far as they are in use
-- in:  $1 provider_id bigint, $2 domain_ids bigint[]
-- out: id, name, client_id, client, mode, envelope_domain, dkim, publish, smarthost_id, host, port, tls, auth_user, slots, pointed
SELECT d.id, d.name, d.client_id, c.name AS client, d.mode, d.envelope_domain, d.dkim,
       coalesce(d.dkim_publish, p.dkim_publish) AS publish,
       d.smarthost_id, s.host, s.port, s.tls, s.auth_user,
       -- three names that point into our zone, and those of them that were seen to
       CASE WHEN coalesce(d.dkim_publish, p.dkim_publish) = 'cname' AND d.mode = 'relayed' AND d.dkim
            THEN dkim_slots(p.name, 's') || CASE WHEN p.ed25519 THEN dkim_slots(p.name, 'e') ELSE '{}' END END AS slots,
       CASE WHEN d.mode = 'relayed' AND d.dkim
            THEN ARRAY(SELECT v.name FROM verdict v
                        WHERE v.provider_id = d.provider_id AND v.domain_id = d.id AND v.purpose = 'dkim'
                          AND v.type IN ('CNAME', 'NS') AND v.settled = 'match') END AS pointed
  FROM unnest($2::bigint[]) AS wanted (id)
  JOIN domain d ON d.provider_id = $1 AND d.id = wanted.id
  JOIN provider p ON p.provider_id = d.provider_id
  JOIN client c ON c.provider_id = d.provider_id AND c.id = d.client_id
  LEFT JOIN smarthost s ON s.provider_id = d.provider_id AND s.id = d.smarthost_id
 WHERE d.retired_at IS NULL
 ORDER BY d.id
