-- 0011_guards: a guard looks at our tables, whatever the caller's search_path says.
--
-- A trigger runs under the search_path of whoever changes the row, and pg_temp
-- comes first in it unless it is named.  A person with psql could make a
-- temporary table called provider, with a margin of nothing, and dkim_key_guard
-- believed it: the wait before a key signs was gone.
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT oid::regprocedure FROM pg_proc
              WHERE pronamespace = 'senderctl'::regnamespace AND prorettype = 'trigger'::regtype
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = senderctl, pg_catalog, pg_temp', f);
    END LOOP;
END
$$;
