-- sender_place: what is known of an address and its domain before it becomes a client's sender
-- in:  $1 provider_id bigint, $2 client_id bigint, $3 address text, $4 domain text
-- out: default_sender, is_public, sender_client, domain_id, mode, owner, domain_retired, allowed, site_id
SELECT p.default_sender,
       EXISTS (SELECT FROM public_mailbox m WHERE m.domain = $4::text) AS is_public,
       (SELECT p.name || '/' || c.name FROM sender s
          JOIN client c ON c.provider_id = s.provider_id AND c.id = s.client_id
         WHERE s.provider_id = p.provider_id AND s.address = $3::text AND s.retired_at IS NULL) AS sender_client,
       d.id AS domain_id, d.mode, p.name || '/' || o.name AS owner, d.retired_at IS NOT NULL AS domain_retired,
       EXISTS (SELECT FROM domain_client dc
                WHERE dc.provider_id = p.provider_id AND dc.domain = $4 AND dc.client_id = $2::bigint) AS allowed,
       (SELECT t.id FROM site t
         WHERE t.provider_id = p.provider_id AND t.client_id = $2 AND t.host = $4 AND t.retired_at IS NULL) AS site_id
  FROM provider p
  LEFT JOIN domain d ON d.provider_id = p.provider_id AND d.name = $4
  LEFT JOIN client o ON o.provider_id = d.provider_id AND o.id = d.client_id
 WHERE p.provider_id = $1::bigint;
