-- import_room: for this transaction, sort and join sets of rows and not row by row:
--      the statistics know nothing yet of what the transaction has written itself
-- in:
-- out: nested
SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true),
       set_config('enable_nestloop', 'off', true) AS nested;
