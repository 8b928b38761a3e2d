-- import_counts: how much is new, other or the same
-- in:
-- out: noun, verb, count
SELECT noun, verb, count(*) AS count FROM pg_temp.import_item GROUP BY noun, verb
UNION ALL
SELECT 'sender', verb, count(*) FROM pg_temp.import_sender GROUP BY verb;
