-- export_withheld: senders that no relay of the provider lets through, with the word that says why
-- in:  $1 provider_id, $2 include those that are not verified
-- out: client, address, reason, lacking
SELECT c.name AS client, s.address,
       coalesce(CASE WHEN c.retired_at IS NOT NULL THEN 'client-retired' END,
                CASE WHEN NOT (d.unproved AND $2::boolean) THEN d.withheld END,
                'no-login') AS reason,
       d.lacking
  FROM sender s
  JOIN export_domain d ON d.provider_id = s.provider_id AND d.name = s.domain
  JOIN client c ON c.provider_id = s.provider_id AND c.id = s.client_id
  LEFT JOIN (SELECT l.provider_id, l.client_id, count(*) AS logins
               FROM login l WHERE l.provider_id = $1::bigint AND l.retired_at IS NULL
              GROUP BY l.provider_id, l.client_id) every
         ON every.provider_id = s.provider_id AND every.client_id = s.client_id
  LEFT JOIN (SELECT sl.provider_id, sl.sender_id, count(*) FILTER (WHERE l.retired_at IS NULL) AS logins
               FROM sender_login sl
               JOIN login l ON l.provider_id = sl.provider_id AND l.id = sl.login_id
              WHERE sl.provider_id = $1::bigint
              GROUP BY sl.provider_id, sl.sender_id) own
         ON own.provider_id = s.provider_id AND own.sender_id = s.id
 WHERE s.provider_id = $1::bigint
   AND s.retired_at IS NULL
   -- no relay of ours is meant to know these
   AND d.mode <> 'on-premises'
   AND (c.retired_at IS NOT NULL
        OR d.withheld IS NOT NULL AND NOT (d.unproved AND $2::boolean)
        OR coalesce(own.logins, every.logins, 0) = 0)
 ORDER BY c.name COLLATE "C", s.address COLLATE "C";
