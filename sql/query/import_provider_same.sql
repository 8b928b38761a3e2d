-- import_provider_same: a document says nothing new of a provider; who may not change it may import the rest
-- in:  $1 provider_id bigint, $2 name text, $3 title text, $4 hosting_domain text,
--      $5 default_sender text, $6 spf_host text, $7 language text, $8 contact text,
--      $9 escrow_policy text, $10 dkim_publish text, $11 ed25519 boolean,
--      $12 publish_margin interval, $13 publish_probes int, $14 linger interval,
--      $15 rotate_every interval, $16 dmarc_report text,
--      $17 degrade_grace interval, $18 keep_observations interval
-- out: same
SELECT (title, hosting_domain, default_sender, spf_host, language, contact, escrow_policy,
        dkim_publish, ed25519, publish_margin, publish_probes, linger, rotate_every,
        dmarc_report, degrade_grace, keep_observations)
       IS NOT DISTINCT FROM
       (coalesce($3, title), coalesce($4, hosting_domain), coalesce($5, default_sender),
        coalesce($6, spf_host), coalesce($7, language), nullif(coalesce($8, contact), ''),
        coalesce($9, escrow_policy), coalesce($10, dkim_publish), coalesce($11, ed25519),
        coalesce($12, publish_margin), coalesce($13, publish_probes), coalesce($14, linger),
        coalesce($15, rotate_every), nullif(coalesce($16, dmarc_report), ''),
        coalesce($17, degrade_grace), coalesce($18, keep_observations)) AS same
  FROM provider
 WHERE provider_id = $1 AND name = $2;
