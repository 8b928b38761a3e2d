-- import_sender_item: each sender of the file; its client and site are there by now
-- in:  $1 provider_id bigint
-- out:
INSERT INTO pg_temp.import_sender
       (verb, place, id, client_id, address, site_id, display_name, reply_to, logins, changed)
SELECT CASE WHEN s.id IS NULL THEN 'add' WHEN d.changed IS NULL THEN 'same' ELSE 'change' END,
       r.place, s.id, c.id, r.sender,
       CASE WHEN r.site IS NOT NULL THEN si.id WHEN s.id IS NOT NULL THEN s.site_id ELSE own.id END,
       nullif(coalesce(r.display_name, s.display_name), ''),
       nullif(coalesce(r.sender_reply_to, s.reply_to), ''),
       r.logins, d.changed
  FROM pg_temp.import_row AS r
  JOIN client AS c ON c.provider_id = $1 AND c.name = r.client
  LEFT JOIN site AS si ON si.provider_id = $1 AND si.client_id = c.id AND si.host = nullif(r.site_host, '')
  LEFT JOIN site AS own ON own.provider_id = $1 AND own.client_id = c.id AND own.host = r.domain  -- hosted
  LEFT JOIN sender AS s ON s.provider_id = $1 AND s.address = r.sender AND s.retired_at IS NULL
  LEFT JOIN (SELECT sl.sender_id, array_agg(l.name ORDER BY l.name) AS logins
               FROM sender_login AS sl
               JOIN login AS l ON l.provider_id = $1 AND l.id = sl.login_id
              WHERE sl.provider_id = $1
              GROUP BY sl.sender_id) AS have ON have.sender_id = s.id
 CROSS JOIN LATERAL (SELECT CASE
            WHEN s.id IS NULL
              OR (r.site IS NULL OR si.id IS NOT DISTINCT FROM s.site_id)
             AND (r.display_name IS NULL OR nullif(r.display_name, '') IS NOT DISTINCT FROM s.display_name)
             AND (r.sender_reply_to IS NULL OR nullif(r.sender_reply_to, '') IS NOT DISTINCT FROM s.reply_to)
             AND (r.logins IS NULL OR r.logins = coalesce(have.logins, '{}'))
            THEN NULL
            ELSE import_changed(
                jsonb_build_object('display_name', s.display_name, 'reply_to', s.reply_to, 'site', s.site_id,
                                   'logins', array_to_string(have.logins, ' ')),
                jsonb_strip_nulls(jsonb_build_object('display_name', r.display_name,
                    'reply_to', r.sender_reply_to, 'logins', array_to_string(r.logins, ' '),
                    'site', CASE WHEN r.site IS NOT NULL THEN coalesce(si.id::text, '') END)))
            END) AS d (changed)
 WHERE r.sender IS NOT NULL;
