-- import_difference: what is new or other, in the order of the file; what is missing comes last
-- in:  $1 limit bigint
-- out: noun, verb, place, name, said, changed
SELECT noun, verb, place, name, said::text AS said, changed::text AS changed
  FROM (SELECT noun, verb, place, name, said, changed
          FROM pg_temp.import_item
         WHERE verb <> 'same'
        UNION ALL
        SELECT 'sender', s.verb, s.place, s.address,
               jsonb_strip_nulls(jsonb_build_object('display_name', s.display_name,
                   'reply_to', s.reply_to, 'logins', array_to_string(s.logins, ' '))), s.changed
          FROM (SELECT * FROM pg_temp.import_sender WHERE verb <> 'same' ORDER BY place LIMIT $1) AS s) AS d
 ORDER BY place, noun, name
 LIMIT $1;
