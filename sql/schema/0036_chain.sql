-- 0036_chain: what happened can be proved not to have been rewritten.
--
-- Each event gets a link: a position in the chain of its provider, and the
-- digest over the digest before it and every column of the event
-- (keys/event_link.h).  The key service forges the links a short while after
-- the events, and signs the last of them: a seal.  Whoever may write to this
-- database, its superuser included, can neither change, remove nor slip in an
-- event that lies before a seal; "history verify" names the one.
--
-- Links are made later and by one process because a chain that is made in the
-- transaction of each event would put all of a provider's transactions in a row.

-- Events without a link yet; filled by the trigger, emptied by the key service.
CREATE TABLE event_pending (
    provider_id bigint NOT NULL,
    event_id    bigint NOT NULL,
    PRIMARY KEY (provider_id, event_id)
);

CREATE TABLE event_link (
    provider_id bigint NOT NULL,
    position    bigint NOT NULL CONSTRAINT event_link_position CHECK (position > 0),
    event_id    bigint NOT NULL,
    digest      bytea NOT NULL CONSTRAINT event_link_digest CHECK (octet_length(digest) = 32),
    PRIMARY KEY (provider_id, position),
    CONSTRAINT event_link_once UNIQUE (provider_id, event_id)
);

-- A signature over the digest at a position; signer names a row of keyd_key.
CREATE TABLE event_seal (
    provider_id bigint NOT NULL,
    position    bigint NOT NULL CONSTRAINT event_seal_position CHECK (position > 0),
    signer      uuid NOT NULL,
    public_key  bytea NOT NULL CONSTRAINT event_seal_public CHECK (octet_length(public_key) = 32),
    signature   bytea NOT NULL CONSTRAINT event_seal_signature CHECK (octet_length(signature) = 64),
    sealed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (provider_id, position)
);

CREATE FUNCTION event_wait() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO event_pending (provider_id, event_id) VALUES (NEW.provider_id, NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER event_wait AFTER INSERT ON event
    FOR EACH ROW EXECUTE FUNCTION event_wait();

INSERT INTO event_pending (provider_id, event_id) SELECT provider_id, id FROM event;

DO $$
DECLARE
    t text;
    who text;
BEGIN
    FOREACH t IN ARRAY ARRAY['event_link', 'event_seal'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION append_only()', t || '_append_only', t);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION append_only()', t || '_no_truncate', t);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', t, t || '_append_only');
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', t, t || '_no_truncate');
        CALL protect(t);
        CALL allow('keyd', 'SELECT, INSERT', t);
        FOREACH who IN ARRAY ARRAY['manager', 'exporter'] LOOP
            CALL allow(who, 'SELECT', t);
        END LOOP;
    END LOOP;
    CALL protect('event_pending');
    CALL allow('keyd', 'SELECT, DELETE', 'event_pending');
    FOREACH who IN ARRAY ARRAY['manager', 'exporter'] LOOP
        CALL allow(who, 'SELECT', 'event_pending');
    END LOOP;
END
$$;
