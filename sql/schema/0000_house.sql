-- 0000_house: the schema, its roles, and who may see what.
--
-- Runs as whoever initialises the database (a superuser, or a role with
-- CREATEROLE and CREATE on the database).  All later files run as the owner.
--
-- Roles belong to the whole cluster, so the names of ours carry a tag of this
-- database: sc_<tag>_owner, sc_<tag>_manager, ..., sc_<tag>_prov_<provider id>.
-- senderctl.role('manager') gives the name.

CREATE SCHEMA senderctl;

DO $house$
DECLARE
    tag   text := substr(encode(sha256(convert_to(
                      current_database() || clock_timestamp()::text || gen_random_uuid()::text, 'UTF8')),
                  'hex'), 1, 8);
    owner text := format('sc_%s_owner', tag);
BEGIN
    -- A literal, so that policies can use it in index conditions without reading a table.
    EXECUTE format($f$
        CREATE FUNCTION senderctl.role(what text) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        AS $$ SELECT 'sc_%s_' || what $$ $f$, tag);

    EXECUTE format('CREATE ROLE %I NOLOGIN CREATEROLE', owner);
    EXECUTE format('CREATE ROLE %I NOLOGIN', senderctl.role('manager'));
    EXECUTE format('CREATE ROLE %I NOLOGIN', senderctl.role('operator'));
    EXECUTE format('CREATE ROLE %I NOLOGIN', senderctl.role('exporter'));
    EXECUTE format('CREATE ROLE %I LOGIN', senderctl.role('keyd'));

    -- Who initialises must be able to act as the owner in the files that follow.
    IF NOT pg_has_role(current_user, owner, 'MEMBER') THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', owner);
    END IF;
    EXECUTE format('ALTER SCHEMA senderctl OWNER TO %I', owner);
    EXECUTE format('ALTER FUNCTION senderctl.role(text) OWNER TO %I', owner);
    EXECUTE format('GRANT USAGE ON SCHEMA senderctl TO %I, %I, %I, %I', senderctl.role('manager'),
                   senderctl.role('operator'), senderctl.role('exporter'), senderctl.role('keyd'));
    EXECUTE format('GRANT CREATE, TEMPORARY ON DATABASE %I TO %I', current_database(), owner);
END
$house$;

CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA senderctl;

CREATE TABLE senderctl.migration (
    name       text PRIMARY KEY,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

DO $$
BEGIN
    EXECUTE format('ALTER TABLE senderctl.migration OWNER TO %I', senderctl.role('owner'));
    EXECUTE format('GRANT SELECT ON senderctl.migration TO PUBLIC');
    EXECUTE format('GRANT EXECUTE ON FUNCTION senderctl.role(text) TO PUBLIC');
    EXECUTE format('SET ROLE %I', senderctl.role('owner'));
END
$$;

-- The providers whose rows the current role may see: it is a member of
-- sc_<tag>_prov_<id>.  Reads the catalogue only, so that it also works in
-- policies of distributed tables.
CREATE FUNCTION senderctl.my_providers() RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(substr(rolname, length(senderctl.role('prov_')) + 1)::bigint), '{}')
      FROM pg_roles
     WHERE rolname ^@ senderctl.role('prov_')
       AND pg_has_role(current_user, oid, 'MEMBER')
$$;

-- CALL senderctl.protect('client'): rows are seen and touched by members of their provider only,
-- the owner of the table included.
CREATE PROCEDURE senderctl.protect(tablename text)
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('ALTER TABLE senderctl.%I ENABLE ROW LEVEL SECURITY', tablename);
    EXECUTE format('ALTER TABLE senderctl.%I FORCE ROW LEVEL SECURITY', tablename);
    -- USING becomes an index condition, evaluated once for a scan.  WITH CHECK is evaluated for
    -- each new row: it asks about this one provider instead of collecting all of mine.
    EXECUTE format('CREATE POLICY %I ON senderctl.%I'
                   ' USING (provider_id = ANY (senderctl.my_providers()))'
                   ' WITH CHECK (pg_has_role(to_regrole(senderctl.role(''prov_'' || provider_id)), ''MEMBER''))',
                   tablename || '_of_my_providers', tablename);
END
$$;

-- CALL senderctl.allow('manager', 'SELECT, INSERT', 'client')
CREATE PROCEDURE senderctl.allow(who text, privileges text, tablename text)
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('GRANT %s ON senderctl.%I TO %I', privileges, tablename, senderctl.role(who));
END
$$;

-- CALL senderctl.allow_call('manager', 'provider_add(text, text)')
CREATE PROCEDURE senderctl.allow_call(who text, signature text)
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('GRANT EXECUTE ON FUNCTION senderctl.%s TO %I', signature, senderctl.role(who));
END
$$;

-- A rule that a person broke: the program finds its sentence under `rule`.
CREATE FUNCTION senderctl.refuse(rule text, sentence text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'SC001', CONSTRAINT = rule, MESSAGE = sentence;
END
$$;

-- Functions are not for everybody unless we say so.
ALTER DEFAULT PRIVILEGES IN SCHEMA senderctl REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
REVOKE EXECUTE ON PROCEDURE senderctl.protect(text), senderctl.allow(text, text, text),
                            senderctl.allow_call(text, text) FROM PUBLIC;

RESET ROLE;
