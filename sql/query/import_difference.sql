-- import_difference: what is new or other, in the order of the file
-- in:  $1 limit bigint
-- out: noun, verb, place, name, said, changed
(SELECT noun, verb, place, name, said::text AS said, changed::text AS changed
   FROM pg_temp.import_item WHERE verb <> 'same' ORDER BY place LIMIT $1)
UNION ALL
(SELECT 'sender', verb, place, address, jsonb_strip_nulls(jsonb_build_object('display_name', display_name,
        'reply_to', reply_to, 'logins', array_to_string(logins, ' ')))::text, changed::text
   FROM pg_temp.import_sender WHERE verb <> 'same' ORDER BY place LIMIT $1)
 ORDER BY place, noun
 LIMIT $1;
