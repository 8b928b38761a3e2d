-- facts_provider: what plans need to know of a provider
-- in:  $1 provider_id bigint
-- out: name, title, hosting_domain, default_sender, spf_host, language, contact, dmarc_report
SELECT name, title, hosting_domain, default_sender, spf_host, language, contact, dmarc_report
  FROM provider WHERE provider_id = $1
