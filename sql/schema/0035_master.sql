-- 0035_master: which master key each row hangs on, so that one can be relieved
-- while the service works, and none is forgotten before nothing needs it.

-- A row with a MAC names its master key like a sealed one does.  What is there
-- was made with the only one there ever was; without any, the service makes
-- the MAC again.
ALTER TABLE relay_key ADD mk_uuid uuid, ADD mk_version int,
    ADD CONSTRAINT relay_key_master FOREIGN KEY (mk_uuid, mk_version) REFERENCES master_key;
UPDATE relay_key SET (mk_uuid, mk_version) = (SELECT m.uuid, m.version FROM master_key m)
 WHERE (SELECT count(*) FROM master_key) = 1;
CREATE INDEX relay_key_of_master ON relay_key (mk_uuid, mk_version);
CALL allow('keyd', 'UPDATE (mac, mk_uuid, mk_version, retired_at)', 'relay_key');

-- Nothing is wrapped under a master key that was retired: not by a second
-- service that did not hear of it, nor by one that was restored.
CREATE FUNCTION master_key_guard() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM master_key m
                WHERE m.uuid = NEW.mk_uuid AND m.version = NEW.mk_version AND m.retired_at IS NOT NULL) THEN
        PERFORM refuse('master_key_retired', 'this master key was retired');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER master_key_guard BEFORE INSERT OR UPDATE OF mk_uuid, mk_version ON kek
    FOR EACH ROW EXECUTE FUNCTION master_key_guard();
CREATE TRIGGER master_key_guard BEFORE INSERT OR UPDATE OF mk_uuid, mk_version ON keyd_key
    FOR EACH ROW EXECUTE FUNCTION master_key_guard();
CREATE TRIGGER master_key_guard BEFORE INSERT OR UPDATE OF mk_uuid, mk_version ON relay_key
    FOR EACH ROW EXECUTE FUNCTION master_key_guard();
