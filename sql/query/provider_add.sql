-- provider_add: register a provider and make its role; the caller becomes a member
-- in:  $1 name text, $2 title text, $3 hosting_domain text, $4 default_sender text, $5 spf_host text,
--      $6 language text or NULL
-- out: id
SELECT provider_add($1, $2, $3, $4, $5, coalesce($6::text, 'de')) AS id;
