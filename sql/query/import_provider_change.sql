-- import_provider_change: what a document says of a provider; no row when it is so already
-- in:  $1 provider_id bigint, $2 name text, $3 title text, $4 hosting_domain text,
--      $5 default_sender text, $6 spf_host text, $7 language text, $8 contact text,
--      $9 escrow_policy text, $10 dkim_publish text, $11 ed25519 boolean,
--      $12 publish_margin interval, $13 publish_probes int, $14 linger interval,
--      $15 rotate_every interval
-- out:
UPDATE provider AS p
   SET title = n.title, hosting_domain = n.hosting_domain, default_sender = n.default_sender,
       spf_host = n.spf_host, language = n.language, contact = n.contact,
       escrow_policy = n.escrow_policy, dkim_publish = n.dkim_publish, ed25519 = n.ed25519,
       publish_margin = n.publish_margin, publish_probes = n.publish_probes, linger = n.linger,
       rotate_every = n.rotate_every
  FROM (SELECT o.provider_id, coalesce($3, o.title) AS title,
               coalesce($4, o.hosting_domain) AS hosting_domain,
               coalesce($5, o.default_sender) AS default_sender, coalesce($6, o.spf_host) AS spf_host,
               coalesce($7, o.language) AS language, nullif(coalesce($8, o.contact), '') AS contact,
               coalesce($9, o.escrow_policy) AS escrow_policy,
               coalesce($10, o.dkim_publish) AS dkim_publish, coalesce($11, o.ed25519) AS ed25519,
               coalesce($12, o.publish_margin) AS publish_margin,
               coalesce($13, o.publish_probes) AS publish_probes, coalesce($14, o.linger) AS linger,
               coalesce($15, o.rotate_every) AS rotate_every
          FROM provider AS o
         WHERE o.provider_id = $1 AND o.name = $2) AS n
 WHERE p.provider_id = $1
   AND (p.title, p.hosting_domain, p.default_sender, p.spf_host, p.language, p.contact, p.escrow_policy,
        p.dkim_publish, p.ed25519, p.publish_margin, p.publish_probes, p.linger, p.rotate_every)
       IS DISTINCT FROM
       (n.title, n.hosting_domain, n.default_sender, n.spf_host, n.language, n.contact, n.escrow_policy,
        n.dkim_publish, n.ed25519, n.publish_margin, n.publish_probes, n.linger, n.rotate_every);
