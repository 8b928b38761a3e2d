-- 0001_registry: who sends as whom.
--
-- Every key begins with provider_id: rows of one provider live together, also
-- when the tables are distributed, and one provider's names say nothing about
-- another's.  Constraints carry the rules of product.md; those a person can
-- break have a sentence in sql/complaint_rows.inc.

-- Longest label of a name, in octets.
CREATE FUNCTION longest_label(name text) RETURNS int
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT max(octet_length(label)) FROM unnest(string_to_array(name, '.')) AS label $$;
GRANT EXECUTE ON FUNCTION longest_label(text) TO PUBLIC;

-- Lower-case A-labels, no final dot.
CREATE DOMAIN host_name AS text COLLATE "C"
    CONSTRAINT host_name_form CHECK (VALUE ~ '^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$')
    CONSTRAINT host_name_size CHECK (octet_length(VALUE) <= 253 AND longest_label(VALUE) <= 63);

-- Unbounded repetition and octet_length(): bounded repetition costs fifty times as much per row.
-- The same with underscores, which names of records may have: _spf.vendor.example.
CREATE DOMAIN record_name AS text COLLATE "C"
    CONSTRAINT record_name_form CHECK (VALUE ~ '^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$')
    CONSTRAINT record_name_size CHECK (octet_length(VALUE) <= 253 AND longest_label(VALUE) <= 63);

CREATE DOMAIN mail_address AS text COLLATE "C"
    CONSTRAINT mail_address_form CHECK (VALUE ~ '^[a-z0-9!&''*+/=?^_{|}~.-]+@[a-z0-9.-]+$')
    CONSTRAINT mail_address_size CHECK (octet_length(VALUE) <= 254 AND position('@' IN VALUE) <= 65);

-- Short names of our own nouns: what a person types, so no surprises.
CREATE DOMAIN short_name AS text COLLATE "C"
    CONSTRAINT short_name_form CHECK (VALUE ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$' AND octet_length(VALUE) <= 63);

-- Text for people: bounded, and without control characters.
CREATE DOMAIN label AS text
    CONSTRAINT label_form CHECK (VALUE !~ '[\u0001-\u001f\u007f-\u009f]' AND octet_length(VALUE) <= 1000);

-- Mailboxes of the public: nobody can publish our relay in their SPF.
CREATE TABLE public_mailbox (domain host_name PRIMARY KEY);
INSERT INTO public_mailbox VALUES
    ('gmail.com'), ('googlemail.com'), ('gmx.de'), ('gmx.net'), ('gmx.at'), ('gmx.ch'), ('gmx.com'),
    ('web.de'), ('t-online.de'), ('magenta.de'), ('freenet.de'), ('arcor.de'), ('1und1.de'),
    ('online.de'), ('mail.de'), ('email.de'), ('posteo.de'), ('posteo.net'), ('mailbox.org'),
    ('outlook.com'), ('outlook.de'), ('hotmail.com'), ('hotmail.de'), ('hotmail.co.uk'), ('live.com'),
    ('live.de'), ('live.co.uk'), ('msn.com'), ('yahoo.com'), ('yahoo.de'), ('yahoo.co.uk'), ('ymail.com'),
    ('aol.com'), ('aol.de'), ('icloud.com'), ('me.com'), ('mac.com'), ('proton.me'), ('protonmail.com'),
    ('pm.me'), ('tutanota.com'), ('tutanota.de'), ('tuta.io'), ('tuta.com'), ('zoho.com'), ('gmx.info'),
    ('mail.com'), ('fastmail.com'), ('yandex.com'), ('yandex.ru'), ('mail.ru'), ('bluewin.ch'),
    ('btinternet.com'), ('virginmedia.com'), ('sky.com'), ('talktalk.net'), ('orange.fr'), ('free.fr'),
    ('laposte.net'), ('vodafone.de'), ('kabelmail.de'), ('unitybox.de'), ('ewetel.net'), ('netcologne.de');
GRANT SELECT ON public_mailbox TO PUBLIC;

CREATE TABLE provider (
    provider_id    bigint NOT NULL,
    uuid           uuid NOT NULL DEFAULT gen_random_uuid(),
    name           short_name NOT NULL,
    title          label NOT NULL,
    hosting_domain host_name NOT NULL,
    default_sender mail_address NOT NULL,
    spf_host       record_name NOT NULL,
    language       text NOT NULL DEFAULT 'de' CONSTRAINT provider_language CHECK (language IN ('de', 'en')),
    contact        label,
    -- policies
    escrow_policy  text NOT NULL DEFAULT 'optional'
                   CONSTRAINT provider_escrow CHECK (escrow_policy IN ('none', 'optional', 'required')),
    dkim_publish   text NOT NULL DEFAULT 'txt'
                   CONSTRAINT provider_publish CHECK (dkim_publish IN ('txt', 'cname', 'ns')),
    ed25519        boolean NOT NULL DEFAULT false,
    publish_margin interval NOT NULL DEFAULT '1 hour' CONSTRAINT provider_margin CHECK (publish_margin >= '0 s'),
    publish_probes int NOT NULL DEFAULT 3 CONSTRAINT provider_probes CHECK (publish_probes BETWEEN 1 AND 100),
    linger         interval NOT NULL DEFAULT '8 days' CONSTRAINT provider_linger CHECK (linger >= '0 s'),
    rotate_every   interval NOT NULL DEFAULT '180 days' CONSTRAINT provider_rotate CHECK (rotate_every > '0 s'),
    created_at     timestamptz NOT NULL DEFAULT now(),
    retired_at     timestamptz,
    PRIMARY KEY (provider_id),
    CONSTRAINT provider_name_once UNIQUE (name)
);
CREATE SEQUENCE provider_number AS bigint;

CREATE TABLE client (
    provider_id bigint NOT NULL REFERENCES provider,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    uuid        uuid NOT NULL DEFAULT gen_random_uuid(),
    name        short_name NOT NULL,
    title       label NOT NULL,
    language    text CONSTRAINT client_language CHECK (language IN ('de', 'en')),   -- NULL: the provider's
    contact     label,                      -- who receives the hand-over sheets
    reply_to    mail_address,               -- where answers to hosted senders go
    created_at  timestamptz NOT NULL DEFAULT now(),
    retired_at  timestamptz,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT client_name_once UNIQUE (provider_id, name)
);

CREATE TABLE site (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    client_id   bigint NOT NULL,
    host        host_name NOT NULL,
    url         text COLLATE "C" NOT NULL
                CONSTRAINT site_url_form CHECK (url ~ '^https?://[!-~]+$' AND octet_length(url) <= 2000),
    audience    label,
    created_at  timestamptz NOT NULL DEFAULT now(),
    retired_at  timestamptz,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT site_client FOREIGN KEY (provider_id, client_id) REFERENCES client,
    CONSTRAINT site_host_once UNIQUE (provider_id, client_id, host)
);
CREATE UNIQUE INDEX site_url_once ON site (provider_id, url) WHERE retired_at IS NULL;

CREATE TABLE smarthost (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    uuid        uuid NOT NULL DEFAULT gen_random_uuid(),
    client_id   bigint NOT NULL,
    host        host_name NOT NULL,
    port        int NOT NULL DEFAULT 587 CONSTRAINT smarthost_port CHECK (port BETWEEN 1 AND 65535),
    tls         text NOT NULL DEFAULT 'starttls' CONSTRAINT smarthost_tls CHECK (tls IN ('starttls', 'implicit')),
    auth_user   text COLLATE "C" NOT NULL
                CONSTRAINT smarthost_user_form CHECK (auth_user ~ '^[A-Za-z0-9._@+=-]+$' AND octet_length(auth_user) <= 128),
    ca          short_name,                 -- id of a CA file on the relay; NULL: the public ones
    created_at  timestamptz NOT NULL DEFAULT now(),
    retired_at  timestamptz,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT smarthost_client FOREIGN KEY (provider_id, client_id) REFERENCES client,
    CONSTRAINT smarthost_once UNIQUE (provider_id, client_id, host, port)
);

-- A sender domain.  One mode and one smarthost each, so that "@domain" rows on a relay are right.
CREATE TABLE domain (
    provider_id     bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    uuid            uuid NOT NULL DEFAULT gen_random_uuid(),
    name            host_name NOT NULL,
    client_id       bigint NOT NULL,
    mode            text NOT NULL CONSTRAINT domain_mode CHECK (mode IN ('hosted', 'relayed', 'direct', 'on-premises')),
    smarthost_id    bigint,
    envelope_domain host_name,              -- MAIL FROM subdomain; NULL: the domain itself
    dkim            boolean NOT NULL DEFAULT true,
    dkim_publish    text CONSTRAINT domain_publish CHECK (dkim_publish IN ('txt', 'cname', 'ns')),  -- NULL: the provider's
    -- a hosted domain is the host of one of its client's sites
    hosted_host     text COLLATE "C" GENERATED ALWAYS AS (CASE WHEN mode = 'hosted' THEN name::text END) STORED,
    created_at      timestamptz NOT NULL DEFAULT now(),
    retired_at      timestamptz,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT domain_client_exists FOREIGN KEY (provider_id, client_id) REFERENCES client,
    CONSTRAINT domain_name_once UNIQUE (provider_id, name),
    CONSTRAINT domain_smarthost FOREIGN KEY (provider_id, smarthost_id) REFERENCES smarthost,
    CONSTRAINT domain_smarthost_mode CHECK (smarthost_id IS NULL OR mode = 'direct'),
    CONSTRAINT domain_envelope_below CHECK (envelope_domain IS NULL OR envelope_domain = name
                                            OR right(envelope_domain, length(name) + 1) = '.' || name),
    CONSTRAINT domain_hosted_is_site FOREIGN KEY (provider_id, client_id, hosted_host)
        REFERENCES site (provider_id, client_id, host) DEFERRABLE INITIALLY IMMEDIATE
);

CREATE FUNCTION domain_guard() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.mode = 'relayed' AND EXISTS (SELECT FROM public_mailbox p WHERE p.domain = NEW.name) THEN
        PERFORM refuse('domain_public_mailbox', format('%s is a public mailbox service', NEW.name));
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER domain_guard BEFORE INSERT OR UPDATE OF name, mode ON domain
    FOR EACH ROW EXECUTE FUNCTION domain_guard();

CREATE INDEX domain_of_client ON domain (provider_id, client_id);

-- Whose senders may use a domain: its own client's, and those it is shared with.
CREATE TABLE domain_client (
    provider_id bigint NOT NULL,
    domain      text COLLATE "C" NOT NULL,
    client_id   bigint NOT NULL,
    PRIMARY KEY (provider_id, domain, client_id),
    CONSTRAINT domain_client_domain FOREIGN KEY (provider_id, domain) REFERENCES domain (provider_id, name),
    CONSTRAINT domain_client_client FOREIGN KEY (provider_id, client_id) REFERENCES client
);

CREATE TABLE sender (
    provider_id  bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    client_id    bigint NOT NULL,
    address      mail_address NOT NULL,
    domain       text COLLATE "C" GENERATED ALWAYS AS (split_part(address::text, '@', 2)) STORED,
    site_id      bigint,
    display_name label,
    reply_to     mail_address,
    created_at   timestamptz NOT NULL DEFAULT now(),
    retired_at   timestamptz,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT sender_domain_of_client FOREIGN KEY (provider_id, domain, client_id) REFERENCES domain_client,
    CONSTRAINT sender_site FOREIGN KEY (provider_id, site_id) REFERENCES site
);
CREATE UNIQUE INDEX sender_address_once ON sender (provider_id, address) WHERE retired_at IS NULL;
CREATE INDEX sender_of_client ON sender (provider_id, client_id);
CREATE INDEX sender_of_domain ON sender (provider_id, domain);

-- The account with which a client's application submits to the relay.
CREATE TABLE login (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    client_id   bigint NOT NULL,
    name        text COLLATE "C" NOT NULL
                CONSTRAINT login_name_form CHECK (name ~ '^[A-Za-z0-9._@+=-]+$' AND octet_length(name) <= 128),
    created_at  timestamptz NOT NULL DEFAULT now(),
    retired_at  timestamptz,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT login_client FOREIGN KEY (provider_id, client_id) REFERENCES client,
    CONSTRAINT login_of_client_once UNIQUE (provider_id, client_id, id),
    CONSTRAINT login_name_once UNIQUE (provider_id, name)
);
CREATE INDEX login_client_index ON login (provider_id, client_id);

-- Which logins may use a sender; none listed: all of its client's.
CREATE TABLE sender_login (
    provider_id bigint NOT NULL,
    sender_id   bigint NOT NULL,
    login_id    bigint NOT NULL,
    PRIMARY KEY (provider_id, sender_id, login_id),
    CONSTRAINT sender_login_sender FOREIGN KEY (provider_id, sender_id) REFERENCES sender,
    CONSTRAINT sender_login_login FOREIGN KEY (provider_id, login_id) REFERENCES login
);

CREATE TABLE relay (
    provider_id bigint NOT NULL REFERENCES provider,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    uuid        uuid NOT NULL DEFAULT gen_random_uuid(),
    name        short_name NOT NULL,
    helo        host_name NOT NULL,
    mta         text NOT NULL DEFAULT 'postfix' CONSTRAINT relay_mta CHECK (mta IN ('postfix', 'exim')),
    signer      text NOT NULL DEFAULT 'opendkim' CONSTRAINT relay_signer CHECK (signer IN ('opendkim', 'rspamd', 'exim', 'none')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    retired_at  timestamptz,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT relay_name_once UNIQUE (provider_id, name)
);

CREATE TABLE relay_address (
    provider_id bigint NOT NULL,
    relay_id    bigint NOT NULL,
    address     inet NOT NULL CONSTRAINT relay_address_host CHECK (masklen(address) = CASE family(address) WHEN 4 THEN 32 ELSE 128 END),
    PRIMARY KEY (provider_id, relay_id, address),
    CONSTRAINT relay_address_relay FOREIGN KEY (provider_id, relay_id) REFERENCES relay
);

-- A requirement that somebody decided to do without, with the reason.
CREATE TABLE waiver (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    domain_id   bigint NOT NULL,
    purpose     text NOT NULL CONSTRAINT waiver_purpose CHECK (purpose IN ('spf', 'dkim', 'dmarc', 'mailfrom', 'smarthost', 'site')),
    reason      label NOT NULL CONSTRAINT waiver_reason CHECK (length(trim(reason)) > 0),
    at          timestamptz NOT NULL DEFAULT now(),
    by_whom     text NOT NULL DEFAULT session_user,
    ended_at    timestamptz,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT waiver_domain FOREIGN KEY (provider_id, domain_id) REFERENCES domain
);
CREATE UNIQUE INDEX waiver_once ON waiver (provider_id, domain_id, purpose) WHERE ended_at IS NULL;

-- What happened: who, when, what, why.  Written in the transaction of the change.
CREATE TABLE event (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    actor       text NOT NULL DEFAULT session_user,
    client_id   bigint,
    subject     text NOT NULL,              -- "lms/acme", "acme.example", "relay mx1"
    what        text NOT NULL,              -- "client.add", "key.activate"
    why         text,
    detail      jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (provider_id, id)
);
CREATE INDEX event_of_client ON event (provider_id, client_id, id) WHERE client_id IS NOT NULL;
CREATE INDEX event_of_subject ON event (provider_id, subject, id);

CREATE FUNCTION append_only() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format('%s is append-only', TG_TABLE_NAME);
END
$$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
ALTER TABLE event ENABLE ALWAYS TRIGGER event_append_only;
ALTER TABLE event ENABLE ALWAYS TRIGGER event_no_truncate;

CALL protect('provider');
CALL protect('client');
CALL protect('site');
CALL protect('smarthost');
CALL protect('domain');
CALL protect('domain_client');
CALL protect('sender');
CALL protect('login');
CALL protect('sender_login');
CALL protect('relay');
CALL protect('relay_address');
CALL protect('waiver');
CALL protect('event');

-- A manager provisions; an operator does all of that and owns providers and
-- relays; an exporter reads; the key service reads what it binds keys to.
-- (Operators get the manager's rights by membership, below.)
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['client', 'site', 'smarthost', 'domain', 'sender', 'login', 'waiver'] LOOP
        CALL allow('manager', 'SELECT, INSERT, UPDATE', t);
        CALL allow('exporter', 'SELECT', t);
        CALL allow('keyd', 'SELECT', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['domain_client', 'sender_login'] LOOP
        CALL allow('manager', 'SELECT, INSERT, DELETE', t);
        CALL allow('exporter', 'SELECT', t);
        CALL allow('keyd', 'SELECT', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['provider', 'relay', 'relay_address'] LOOP
        CALL allow('manager', 'SELECT', t);
        CALL allow('exporter', 'SELECT', t);
        CALL allow('keyd', 'SELECT', t);
    END LOOP;
    CALL allow('operator', 'UPDATE', 'provider');
    CALL allow('operator', 'INSERT, UPDATE', 'relay');
    CALL allow('operator', 'INSERT, DELETE', 'relay_address');
    FOREACH t IN ARRAY ARRAY['manager', 'exporter', 'keyd'] LOOP
        CALL allow(t, 'SELECT, INSERT', 'event');
    END LOOP;
    EXECUTE format('GRANT %I TO %I', role('manager'), role('operator'));
END
$$;

GRANT EXECUTE ON FUNCTION my_providers(), refuse(text, text) TO PUBLIC;

-- Who may see a provider is who is a member of its role.  A person's role can't
-- make roles; these three functions can, and nothing else they do is free text.
CREATE FUNCTION provider_add(p_name text, p_title text, p_hosting_domain text, p_default_sender text,
                             p_spf_host text, p_language text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
DECLARE
    v_id   bigint := nextval('provider_number');
    v_role text := role('prov_' || v_id);
BEGIN
    IF NOT pg_has_role(session_user, role('operator'), 'MEMBER') THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'only an operator may add a provider';
    END IF;
    EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
    EXECUTE format('GRANT %I TO %I, %I', v_role, role('owner'), role('keyd'));
    EXECUTE format('GRANT %I TO %I', v_role, session_user);
    INSERT INTO provider (provider_id, name, title, hosting_domain, default_sender, spf_host, language)
    VALUES (v_id, p_name, p_title, p_hosting_domain, p_default_sender, p_spf_host, p_language);
    RETURN v_id;
END
$$;
CALL allow_call('operator', 'provider_add(text, text, text, text, text, text)');

-- Let a person in, as 'manager', 'operator' or 'exporter', for some providers or (NULL) for none yet.
-- Makes the LOGIN role when it does not exist; authentication is the server's business (peer, certificate, ...).
CREATE FUNCTION user_grant(p_person text, p_what text, p_providers bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
DECLARE
    v_provider bigint;
BEGIN
    IF NOT pg_has_role(session_user, role('operator'), 'MEMBER') THEN
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
CALL allow_call('operator', 'user_grant(text, text, bigint[])');

CREATE FUNCTION user_revoke(p_person text, p_what text, p_providers bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
DECLARE
    v_provider bigint;
BEGIN
    IF NOT pg_has_role(session_user, role('operator'), 'MEMBER') THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'only an operator may shut people out';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = p_person AND NOT rolsuper AND rolcanlogin)
       OR p_person LIKE 'sc\_%' THEN
        PERFORM refuse('user_unknown', format('there is no user %s', p_person));
    END IF;
    IF p_what IS NOT NULL THEN
        IF p_what NOT IN ('manager', 'operator', 'exporter') THEN
            PERFORM refuse('user_role_unknown', format('there is no role %s', p_what));
        END IF;
        EXECUTE format('REVOKE %I FROM %I', role(p_what), p_person);
    END IF;
    FOREACH v_provider IN ARRAY coalesce(p_providers, '{}') LOOP
        IF NOT pg_has_role(session_user, role('prov_' || v_provider), 'MEMBER') THEN
            RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'this provider is not yours';
        END IF;
        EXECUTE format('REVOKE %I FROM %I', role('prov_' || v_provider), p_person);
    END LOOP;
END
$$;
CALL allow_call('operator', 'user_revoke(text, text, bigint[])');

-- Who works here, as what, for which providers that the asker may see.
CREATE FUNCTION user_list() RETURNS TABLE (person text, roles text[], providers bigint[])
LANGUAGE sql STABLE
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
    SELECT p.rolname::text,
           array(SELECT w.what FROM unnest(ARRAY['manager', 'operator', 'exporter']) AS w (what)
                  WHERE EXISTS (SELECT FROM pg_auth_members m
                                 WHERE m.member = p.oid AND m.roleid = to_regrole(role(w.what)))),
           array(SELECT substr(g.rolname, length(role('prov_')) + 1)::bigint
                   FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                  WHERE m.member = p.oid AND g.rolname ^@ role('prov_')
                    AND substr(g.rolname, length(role('prov_')) + 1)::bigint = ANY (my_providers())
                  ORDER BY 1)
      FROM pg_roles p
     WHERE p.rolcanlogin AND NOT p.rolsuper AND p.rolname <> role('keyd')
       AND EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                    WHERE m.member = p.oid AND g.rolname ^@ role(''))
     ORDER BY 1
$$;
CALL allow_call('manager', 'user_list()');
