-- import_room: for this transaction, sort and join sets of rows and not row by row:
--      the statistics know nothing yet of what the transaction has written itself
-- in:
-- out: memory, jit, nested
SELECT set_config('work_mem', '64MB', true) AS memory, set_config('jit', 'off', true) AS jit,
       set_config('enable_nestloop', 'off', true) AS nested;
