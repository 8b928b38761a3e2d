-- import_provider_change: what a document says of a provider
-- in:  $1 provider_id bigint, $2 name text, $3 title text, $4 hosting_domain text,
--      $5 default_sender text, $6 spf_host text, $7 language text, $8 contact text,
--      $9 escrow_policy text, $10 dkim_publish text, $11 ed25519 boolean,
--      $12 publish_margin interval, $13 publish_probes int, $14 linger interval,
--      $15 rotate_every interval, $16 dmarc_report text,
--      $17 degrade_grace interval, $18 keep_observations interval
-- out:
UPDATE provider
   SET title = coalesce($3, title), hosting_domain = coalesce($4, hosting_domain),
       default_sender = coalesce($5, default_sender), spf_host = coalesce($6, spf_host),
       language = coalesce($7, language), contact = nullif(coalesce($8, contact), ''),
       escrow_policy = coalesce($9, escrow_policy), dkim_publish = coalesce($10, dkim_publish),
       ed25519 = coalesce($11, ed25519), publish_margin = coalesce($12, publish_margin),
       publish_probes = coalesce($13, publish_probes), linger = coalesce($14, linger),
       rotate_every = coalesce($15, rotate_every),
       dmarc_report = nullif(coalesce($16, dmarc_report), ''),
       degrade_grace = coalesce($17, degrade_grace),
       keep_observations = coalesce($18, keep_observations)
 WHERE provider_id = $1 AND name = $2;
