-- channel_make: every provider has this way of telling
-- in:  $1 channel text: mail, webhook
-- out:
INSERT INTO channel (provider_id, name)
SELECT p.provider_id, $1::text FROM provider p
 WHERE p.retired_at IS NULL
   AND NOT EXISTS (SELECT FROM channel h WHERE h.provider_id = p.provider_id AND h.name = $1::text)
ON CONFLICT DO NOTHING;
