-- serving_room: for this transaction, join sets of rows and not row by row: a relay is told of all senders of a provider,
--      and statistics that have not seen an import yet take them for one; nor is that worth seconds of compiling
-- in:
-- out: nested, jit
SELECT set_config('enable_nestloop', 'off', true) AS nested, set_config('jit', 'off', true) AS jit;
