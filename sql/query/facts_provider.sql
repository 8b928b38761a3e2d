-- facts_provider: what plans need to know of a provider
-- in:  $1 provider_id bigint
-- out: name, title, hosting_domain, default_sender, spf_host, language, contact
SELECT name, title, hosting_domain, default_sender, spf_host, language, contact
  FROM provider WHERE provider_id = $1
