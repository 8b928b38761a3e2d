-- 0012_first_person: who made the database lets the first person in.
--
-- Only an operator may let people in, and a new database has none.  A superuser
-- counts as one; a role that may only create roles made the schema and was then
-- refused by it.  Who may act as the owner can grant all of this by hand.
CREATE OR REPLACE FUNCTION user_grant(p_person text, p_what text, p_providers bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
DECLARE
    v_provider bigint;
BEGIN
    IF NOT pg_has_role(session_user, role('operator'), 'MEMBER')
       AND NOT pg_has_role(session_user, role('owner'), 'MEMBER') THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'only an operator may let people in';
    END IF;
    IF p_what NOT IN ('manager', 'operator', 'exporter') THEN
        PERFORM refuse('user_role_unknown', format('there is no role %s', p_what));
    END IF;
    IF p_person LIKE 'pg\_%' OR p_person LIKE 'sc\_%' OR p_person !~ '^[a-z0-9_][a-z0-9._@-]*$'
       OR octet_length(p_person) > 63 THEN
        PERFORM refuse('user_name_form', format('%s cannot be a user', p_person));
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = p_person AND (rolsuper OR rolcreaterole OR rolbypassrls)) THEN
        PERFORM refuse('user_is_master', format('%s has rights that no person should work with', p_person));
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = p_person) THEN
        EXECUTE format('CREATE ROLE %I LOGIN', p_person);
    END IF;
    EXECUTE format('GRANT %I TO %I', role(p_what), p_person);
    FOREACH v_provider IN ARRAY coalesce(p_providers, '{}') LOOP
        -- nobody hands out what they don't have
        IF NOT pg_has_role(session_user, role('prov_' || v_provider), 'MEMBER') THEN
            RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'this provider is not yours';
        END IF;
        EXECUTE format('GRANT %I TO %I', role('prov_' || v_provider), p_person);
    END LOOP;
END
$$;
