-- embedded_reload: read pg_hba.conf and pg_ident.conf again
-- in:
-- out: done
SELECT pg_catalog.pg_reload_conf() AS done;
