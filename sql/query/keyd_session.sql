-- keyd_session: how the key service's statements are planned: once, and by the indexes
-- in:
-- out: plans
-- (It looks for single rows, over a connection that lasts.  A plan that was made while a table was small, or for one
-- value again and again, costs more than the rest of the look: row-level security asks my_providers() for every row
-- that a sequential scan passes.  Where there is no index the price of a forbidden scan would wake the compiler.)
SELECT set_config('plan_cache_mode', 'force_generic_plan', false) AS plans
 WHERE set_config('enable_seqscan', 'off', false) IS NOT NULL AND set_config('jit', 'off', false) IS NOT NULL
