-- export_domains: the sender domains that a provider's relays serve
-- in:  $1 provider_id, $2 include those that are not verified
-- out: id, name, mode, envelope_domain, host, port, tls, auth_user, ca, smarthost_uuid, rsa_key, rsa_selector, ed_key, ed_selector
SELECT d.domain_id AS id, d.name, d.mode, d.envelope_domain, d.host, d.port, d.tls, d.auth_user, d.ca, d.smarthost_uuid,
       CASE WHEN d.mode IN ('hosted', 'relayed') THEN d.rsa_key END AS rsa_key,
       CASE WHEN d.mode IN ('hosted', 'relayed') THEN d.rsa_selector END AS rsa_selector,
       CASE WHEN d.mode IN ('hosted', 'relayed') THEN d.ed_key END AS ed_key,
       CASE WHEN d.mode IN ('hosted', 'relayed') THEN d.ed_selector END AS ed_selector
  FROM export_domain d
 WHERE d.provider_id = $1::bigint
   AND (d.withheld IS NULL OR d.unproved AND $2::boolean)
 ORDER BY d.name COLLATE "C";
