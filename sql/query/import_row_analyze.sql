-- import_row_analyze: tell the planner how many rows there are
-- in:
-- out:
ANALYZE pg_temp.import_row;
