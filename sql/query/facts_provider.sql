-- facts_provider: what plans need to know of a provider
-- in:  $1 provider_id bigint
-- out: name, title, hosting_domain, default_sender, spf_host, language, contact, dmarc_report, name_servers, key_label
SELECT name, title, hosting_domain, default_sender, spf_host, language, contact, dmarc_report,
       string_to_array(name_servers, ' ') AS name_servers, dkim_label(name) AS key_label
  FROM provider WHERE provider_id = $1
