-- provider_change: change what is said; '' takes a value away
-- in:  $1 provider_id bigint, $2 id bigint, $3 title text, $4 hosting_domain text, $5 default_sender text,
--      $6 spf_host text, $7 language text, $8 contact text, $9 escrow_policy text, $10 dkim_publish text,
--      $11 ed25519 boolean, $12 publish_margin interval, $13 publish_probes int, $14 linger interval,
--      $15 rotate_every interval, $16 dmarc_report text,
--      $17 degrade_grace interval, $18 keep_observations interval, $19 warn_after interval, $20 advance text, $21 name_servers text
-- out:
UPDATE provider
   SET title = coalesce($3::text, title),
       hosting_domain = coalesce($4::text, hosting_domain),
       default_sender = coalesce($5::text, default_sender),
       spf_host = coalesce($6::text, spf_host),
       language = coalesce($7::text, language),
       contact = nullif(coalesce($8::text, contact), ''),
       escrow_policy = coalesce($9::text, escrow_policy),
       dkim_publish = coalesce($10::text, dkim_publish),
       ed25519 = coalesce($11::boolean, ed25519),
       publish_margin = coalesce($12::interval, publish_margin),
       publish_probes = coalesce($13::int, publish_probes),
       linger = coalesce($14::interval, linger),
       rotate_every = coalesce($15::interval, rotate_every),
       dmarc_report = nullif(coalesce($16::text, dmarc_report), ''),
       degrade_grace = coalesce($17::interval, degrade_grace),
       keep_observations = coalesce($18::interval, keep_observations),
       warn_after = coalesce($19::interval, warn_after),
       advance = coalesce($20::text, advance),
       name_servers = nullif(coalesce($21::text, name_servers), '')
 WHERE provider_id = $1::bigint AND provider_id = $2::bigint;
