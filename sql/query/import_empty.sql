-- import_empty: room for the next provider of the file
-- in:
-- out:
TRUNCATE pg_temp.import_row, pg_temp.import_item, pg_temp.import_sender, pg_temp.import_finding;
