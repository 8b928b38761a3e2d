-- import_provider_add: a new provider, and its role
-- in:  $1 name text, $2 title text, $3 hosting_domain text, $4 default_sender text,
--      $5 spf_host text, $6 language text
-- out: provider_id
SELECT provider_add($1, $2, $3, $4, $5, coalesce($6, 'de')) AS provider_id;
