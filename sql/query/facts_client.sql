-- facts_client: whom a sheet is for
-- in:  $1 provider_id bigint, $2 client_id bigint
-- out: name, title, language, contact, reply_to
SELECT c.name, c.title, coalesce(c.language, p.language) AS language, c.contact, c.reply_to
  FROM client c JOIN provider p USING (provider_id)
 WHERE c.provider_id = $1 AND c.id = $2
