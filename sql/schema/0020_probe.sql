-- 0020_probe: a password goes to the server it was given for, and replies have somewhere to go.

-- The key service logs in at smarthost.host, and relays send the password there.
-- Who could change that name could have the password sent to a server of his
-- own: another name is another smarthost, which has no password yet.
CREATE FUNCTION smarthost_guard() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM refuse('smarthost_host_stays', 'a smarthost keeps its host');
    RETURN NULL;
END
$$;
CREATE TRIGGER smarthost_guard BEFORE UPDATE ON smarthost
    FOR EACH ROW WHEN (OLD.host IS DISTINCT FROM NEW.host OR OLD.uuid IS DISTINCT FROM NEW.uuid)
    EXECUTE FUNCTION smarthost_guard();

-- 'return': can the domain receive replies and bounces?
ALTER TABLE waiver DROP CONSTRAINT waiver_purpose;
ALTER TABLE waiver ADD CONSTRAINT waiver_purpose
    CHECK (purpose IN ('spf', 'dkim', 'dmarc', 'mailfrom', 'smarthost', 'site', 'return'));
ALTER TABLE observation DROP CONSTRAINT observation_purpose;
ALTER TABLE observation ADD CONSTRAINT observation_purpose
    CHECK (purpose IN ('spf', 'dkim', 'dmarc', 'mailfrom', 'smarthost', 'site', 'return'));
ALTER TABLE verdict DROP CONSTRAINT verdict_purpose;
ALTER TABLE verdict ADD CONSTRAINT verdict_purpose
    CHECK (purpose IN ('spf', 'dkim', 'dmarc', 'mailfrom', 'smarthost', 'site', 'return'));
