-- 0003_handover: what was given to a customer, and what the customer said.
--
-- A sheet is a numbered, dated issue of what a customer owes.  It never
-- changes: what somebody printed last year can be shown again today.

CREATE TABLE sheet (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    uuid        uuid NOT NULL DEFAULT gen_random_uuid(),
    client_id   bigint NOT NULL,
    number      int NOT NULL CONSTRAINT sheet_number CHECK (number > 0),
    language    text NOT NULL CONSTRAINT sheet_language CHECK (language IN ('de', 'en')),
    model       jsonb NOT NULL,             -- everything the templates say
    digest      text NOT NULL,              -- of the model: the same content is not issued twice
    issued_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    issued_by   text NOT NULL DEFAULT session_user,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT sheet_client FOREIGN KEY (provider_id, client_id) REFERENCES client,
    CONSTRAINT sheet_number_once UNIQUE (provider_id, client_id, number)
);

-- Which domains a sheet speaks about.
CREATE TABLE sheet_domain (
    provider_id bigint NOT NULL,
    sheet_id    bigint NOT NULL,
    domain_id   bigint NOT NULL,
    PRIMARY KEY (provider_id, sheet_id, domain_id),
    CONSTRAINT sheet_domain_sheet FOREIGN KEY (provider_id, sheet_id) REFERENCES sheet,
    CONSTRAINT sheet_domain_domain FOREIGN KEY (provider_id, domain_id) REFERENCES domain
);
CREATE INDEX sheet_domain_of_domain ON sheet_domain (provider_id, domain_id);

-- Which keys stand on it to be published.
CREATE TABLE sheet_key (
    provider_id bigint NOT NULL,
    sheet_id    bigint NOT NULL,
    key_id      bigint NOT NULL,
    PRIMARY KEY (provider_id, sheet_id, key_id),
    CONSTRAINT sheet_key_sheet FOREIGN KEY (provider_id, sheet_id) REFERENCES sheet,
    CONSTRAINT sheet_key_key FOREIGN KEY (provider_id, key_id) REFERENCES dkim_key
);
CREATE INDEX sheet_key_of_key ON sheet_key (provider_id, key_id);

-- "We have set the records."
CREATE TABLE report (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    client_id   bigint NOT NULL,
    domain_id   bigint NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    by_whom     text NOT NULL DEFAULT session_user,
    note        label,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT report_client FOREIGN KEY (provider_id, client_id) REFERENCES client,
    CONSTRAINT report_domain FOREIGN KEY (provider_id, domain_id) REFERENCES domain
);
CREATE INDEX report_of_domain ON report (provider_id, domain_id);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['sheet', 'sheet_domain', 'sheet_key', 'report'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION append_only()', t || '_append_only', t);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION append_only()', t || '_no_truncate', t);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', t, t || '_append_only');
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', t, t || '_no_truncate');
        CALL protect(t);
        CALL allow('manager', 'SELECT, INSERT', t);
        CALL allow('exporter', 'SELECT', t);
        CALL allow('keyd', 'SELECT', t);
    END LOOP;
END
$$;
