-- export_logins: which login may put which domain into From, and the envelope domain registered with it
-- in:  $1 provider_id, $2 include those that are not verified
-- out: domain, login, envelope_domain
SELECT DISTINCT d.name COLLATE "C" AS domain, l.name COLLATE "C" AS login, d.envelope_domain
  FROM export_domain d
  JOIN sender s ON s.provider_id = d.provider_id AND s.domain = d.name
  JOIN client c ON c.provider_id = s.provider_id AND c.id = s.client_id
  LEFT JOIN (SELECT DISTINCT sl.provider_id, sl.sender_id FROM sender_login sl WHERE sl.provider_id = $1::bigint) own
         ON own.provider_id = s.provider_id AND own.sender_id = s.id
  JOIN login l ON l.provider_id = s.provider_id AND l.client_id = s.client_id
  LEFT JOIN sender_login n ON n.provider_id = s.provider_id AND n.sender_id = s.id AND n.login_id = l.id
 WHERE d.provider_id = $1::bigint
   AND s.retired_at IS NULL
   AND c.retired_at IS NULL
   AND l.retired_at IS NULL
   AND (d.withheld IS NULL OR d.unproved AND $2::boolean)
   -- its own list, else all of its client's
   AND (own.sender_id IS NULL OR n.login_id IS NOT NULL)
 ORDER BY 1, 2;
