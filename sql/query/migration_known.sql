-- migration_known: is there a table of migrations yet?
-- in:
-- out: known
SELECT to_regclass('senderctl.migration') IS NOT NULL AS known;
