-- migration_lock: one migrator at a time; waits; ends with the transaction
-- in:
-- out: locked
SELECT pg_advisory_xact_lock(7364523, 1)::text AS locked;
