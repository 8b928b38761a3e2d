-- provider_withdrawn: who includes the SPF host that a provider would no longer have; a sheet that
--                     says so counts as long as nobody has seen the customer's record
-- in:  $1 provider_id bigint, $2 id bigint, $3 the SPF host it shall have text
-- out: what
SELECT 'domain ' || d.name AS what
  FROM domain d
  JOIN provider p ON p.provider_id = d.provider_id
 WHERE d.provider_id = $1::bigint AND p.provider_id = $2::bigint AND p.spf_host <> $3::text
   AND d.retired_at IS NULL AND d.mode = 'relayed'
   AND (EXISTS (SELECT FROM spf_seen s
                 WHERE s.provider_id = d.provider_id AND s.domain_id = d.id
                   AND spf_names_host(s.record, p.spf_host))
        OR (EXISTS (SELECT FROM sheet_domain h
                     WHERE h.provider_id = d.provider_id AND h.domain_id = d.id)
            AND NOT EXISTS (SELECT FROM spf_seen s
                             WHERE s.provider_id = d.provider_id AND s.domain_id = d.id)))
 ORDER BY 1;
