-- export_senders: who may send on a provider's relays, with which logins; and who may not, with the word that says why
-- in:  $1 provider_id, $2 include those that are not verified
-- out: address, logins, login_count, reason, lacking, client
SELECT s.address, coalesce(own.logins, every.logins) AS logins,
       coalesce(own.count, every.count) AS login_count,
       coalesce(CASE WHEN c.retired_at IS NOT NULL THEN 'client-retired' END,
                CASE WHEN NOT (d.unproved AND $2::boolean) THEN d.withheld END,
                CASE WHEN coalesce(own.logins, every.logins, '') = '' THEN 'no-login' END) AS reason,
       d.lacking, c.name AS client
  FROM sender s
  JOIN export_domain d ON d.provider_id = s.provider_id AND d.name = s.domain
  JOIN client c ON c.provider_id = s.provider_id AND c.id = s.client_id
  -- the logins of a sender: its own list, else all of its client's
  LEFT JOIN (SELECT l.provider_id, l.client_id, string_agg(l.name, ',' ORDER BY l.name) AS logins, count(*)
               FROM login l WHERE l.provider_id = $1::bigint AND l.retired_at IS NULL
              GROUP BY l.provider_id, l.client_id) every
         ON every.provider_id = s.provider_id AND every.client_id = s.client_id
  LEFT JOIN (SELECT sl.provider_id, sl.sender_id,
                    coalesce(string_agg(l.name, ',' ORDER BY l.name) FILTER (WHERE l.retired_at IS NULL), '') AS logins,
                    count(*) FILTER (WHERE l.retired_at IS NULL)
               FROM sender_login sl
               JOIN login l ON l.provider_id = sl.provider_id AND l.id = sl.login_id
              WHERE sl.provider_id = $1::bigint
              GROUP BY sl.provider_id, sl.sender_id) own
         ON own.provider_id = s.provider_id AND own.sender_id = s.id
 WHERE s.provider_id = $1::bigint
   AND s.retired_at IS NULL
   -- no relay of ours is meant to know these
   AND d.mode <> 'on-premises'
 ORDER BY s.address COLLATE "C";
