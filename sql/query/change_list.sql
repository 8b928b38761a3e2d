-- change_list: changes of a provider that are not told yet in this way; of the webhook only those of
--              the last week: nobody wants to hear of last year
-- in:  $1 provider_id, $2 way text: alert, digest, webhook; $3 at most so many
-- out: id, uuid, at, kind, provider, client, domain, purpose, name, detail
SELECT c.id, c.uuid, moment_text(c.at) AS at, c.kind, p.name AS provider,
       p.name || '/' || k.name AS client, d.name AS domain, c.purpose, nullif(c.name, '') AS name, c.detail
  FROM change c
  JOIN provider p ON p.provider_id = c.provider_id
  JOIN client k ON k.provider_id = c.provider_id AND k.id = c.client_id
  JOIN domain d ON d.provider_id = c.provider_id AND d.id = c.domain_id
 WHERE c.provider_id = $1::bigint
   AND CASE $2::text
            WHEN 'alert' THEN c.digested_at IS NULL AND c.alerted_at IS NULL
                              AND c.kind IN ('lost', 'degraded', 'verified', 'unmet')
            WHEN 'digest' THEN c.digested_at IS NULL
            ELSE c.posted_at IS NULL AND c.at > now() - interval '7 days' END
 ORDER BY CASE WHEN $2 <> 'webhook' THEN k.name::text END, CASE WHEN $2 <> 'webhook' THEN d.name::text END, c.id
 LIMIT $3::int;
