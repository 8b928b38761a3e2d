-- 0010_same_client: what a sender is tied to belongs to its own client, whatever program writes.
--
-- The program refuses these with a sentence of its own; here they hold for
-- psql too: a login listed at another client's sender could send as it.

-- A site of the sender's client, a smarthost of the domain's.
ALTER TABLE site ADD CONSTRAINT site_of_client_once UNIQUE (provider_id, client_id, id);
ALTER TABLE sender DROP CONSTRAINT sender_site;
ALTER TABLE sender ADD CONSTRAINT sender_site
    FOREIGN KEY (provider_id, client_id, site_id) REFERENCES site (provider_id, client_id, id);
ALTER TABLE smarthost ADD CONSTRAINT smarthost_of_client_once UNIQUE (provider_id, client_id, id);
ALTER TABLE domain DROP CONSTRAINT domain_smarthost;
ALTER TABLE domain ADD CONSTRAINT domain_smarthost
    FOREIGN KEY (provider_id, client_id, smarthost_id) REFERENCES smarthost (provider_id, client_id, id);

-- The pairs of a whole statement at once: a million of an import cost one join.
CREATE FUNCTION sender_login_guard() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (SELECT FROM made m
                 JOIN sender s ON s.provider_id = m.provider_id AND s.id = m.sender_id
                 JOIN login l ON l.provider_id = m.provider_id AND l.id = m.login_id
                WHERE s.client_id <> l.client_id) THEN
        PERFORM refuse('sender_login_client', 'a login of another client');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER sender_login_guard AFTER INSERT ON sender_login
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION sender_login_guard();

-- Nor does one wander off to another client afterwards.
CREATE FUNCTION client_stays() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.client_id <> OLD.client_id THEN
        PERFORM refuse('sender_login_client', format('a %s belongs to its client for good', TG_TABLE_NAME));
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER login_client_stays BEFORE UPDATE OF client_id ON login
    FOR EACH ROW EXECUTE FUNCTION client_stays();
CREATE TRIGGER sender_client_stays BEFORE UPDATE OF client_id ON sender
    FOR EACH ROW EXECUTE FUNCTION client_stays();
