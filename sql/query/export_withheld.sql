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
 WHERE s.provider_id = $1::bigint
   AND s.retired_at IS NULL
   -- no relay of ours is meant to know these
   AND d.mode <> 'on-premises'
   AND (c.retired_at IS NOT NULL
        OR d.withheld IS NOT NULL AND NOT (d.unproved AND $2::boolean)
        -- it has no login: none of its own that lives or, without a list, none of its client's
        OR NOT EXISTS (SELECT FROM login l
                        WHERE l.provider_id = s.provider_id AND l.client_id = s.client_id AND l.retired_at IS NULL
                          AND (NOT EXISTS (SELECT FROM sender_login n
                                            WHERE n.provider_id = s.provider_id AND n.sender_id = s.id)
                               OR EXISTS (SELECT FROM sender_login n
                                           WHERE n.provider_id = s.provider_id AND n.sender_id = s.id
                                             AND n.login_id = l.id))))
 ORDER BY c.name COLLATE "C", s.address COLLATE "C";
