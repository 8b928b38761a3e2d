-- site_add: register a URL of a client; it was checked, so its host is what stands between // and the next mark
-- in:  $1 provider_id bigint, $2 client_id bigint, $3 name text, $4 url text (the same, or NULL), $5 audience text
-- out: id
INSERT INTO site (provider_id, client_id, host, url, audience)
SELECT $1::bigint, $2::bigint, substring(u.url FROM '^https?://([^/:?#]+)'), u.url, nullif($5::text, '')
  FROM (SELECT coalesce($4::text, $3::text) AS url) u
RETURNING id;
