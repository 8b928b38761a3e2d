-- export_envelopes: the same addresses under the envelope domain of their sender domain, where it has another one
-- in:  $1 provider_id, $2 include those that are not verified
-- out: address, logins, login_count
SELECT split_part(s.address, '@', 1) || '@' || d.envelope_domain AS address, coalesce(own.logins, every.logins) AS logins,
       coalesce(own.count, every.count) AS login_count
  FROM export_domain d
  JOIN sender s ON s.provider_id = d.provider_id AND s.domain = d.name
  JOIN client c ON c.provider_id = s.provider_id AND c.id = s.client_id
  LEFT JOIN LATERAL (SELECT string_agg(l.name, ',' ORDER BY l.name) AS logins, count(*)
                       FROM login l
                      WHERE l.provider_id = s.provider_id AND l.client_id = s.client_id AND l.retired_at IS NULL) every
         ON true
  LEFT JOIN LATERAL (SELECT coalesce(string_agg(l.name, ',' ORDER BY l.name) FILTER (WHERE l.retired_at IS NULL), '') AS logins,
                    count(*) FILTER (WHERE l.retired_at IS NULL)
                       FROM sender_login sl
                       JOIN login l ON l.provider_id = sl.provider_id AND l.id = sl.login_id
                      WHERE sl.provider_id = s.provider_id AND sl.sender_id = s.id
                     HAVING count(*) > 0) own
         ON true
 WHERE d.provider_id = $1::bigint
   AND d.envelope_domain IS NOT NULL
   -- the same once more of the table: of it the statistics know that few have one
   AND d.domain_id IN (SELECT b.id FROM domain b WHERE b.provider_id = $1::bigint AND b.envelope_domain IS NOT NULL)
   AND s.retired_at IS NULL
   AND c.retired_at IS NULL
   AND (d.withheld IS NULL OR d.unproved AND $2::boolean)
   AND coalesce(own.logins, every.logins, '') <> ''
   -- an address registered in its own right has its own row
   AND NOT EXISTS (SELECT FROM sender o
                    WHERE o.provider_id = s.provider_id AND o.retired_at IS NULL
                      AND o.address = split_part(s.address, '@', 1) || '@' || d.envelope_domain)
 ORDER BY (split_part(s.address, '@', 1) || '@' || d.envelope_domain) COLLATE "C";
