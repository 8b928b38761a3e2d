-- import_client_item: each client of the file, compared with what is there
-- in:  $1 provider_id bigint
-- out:
INSERT INTO pg_temp.import_item (noun, verb, place, id, client, name, said, changed, torn)
SELECT 'client', CASE WHEN c.id IS NULL THEN 'add' WHEN d.changed IS NULL THEN 'same' ELSE 'change' END,
       f.place, c.id, f.client, f.client, f.said, d.changed, f.torn
  FROM (SELECT client, min(place) AS place,
               jsonb_strip_nulls(jsonb_build_object('title', max(title), 'language', max(language),
                   'contact', max(contact), 'reply_to', max(reply_to))) AS said,
               min(title) <> max(title) OR min(language) <> max(language) OR min(contact) <> max(contact)
               OR min(reply_to) <> max(reply_to) AS torn
          FROM pg_temp.import_row
         GROUP BY client) AS f
  LEFT JOIN client AS c ON c.provider_id = $1 AND c.name = f.client
 CROSS JOIN LATERAL (SELECT CASE WHEN c.id IS NOT NULL THEN import_changed(
                                jsonb_build_object('title', c.title, 'language', c.language,
                                    'contact', c.contact, 'reply_to', c.reply_to), f.said) END) AS d (changed);
