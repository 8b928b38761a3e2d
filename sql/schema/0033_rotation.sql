-- 0033_rotation: one rotation at a time, whatever the clock shows.
--
-- dkim_key_guard() lets pass a key that was relieved in the same transaction,
-- and knew it by retiring_at < now().  With a clock that had gone back a little
-- since, the last rotation looked as if it were this one (found by
-- tests/model: the database alone, with a program that tries everything).
CREATE FUNCTION dkim_key_rotation_guard() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.active_at IS NULL AND NEW.active_at IS NOT NULL
       AND EXISTS (SELECT FROM dkim_key o
                    WHERE o.provider_id = NEW.provider_id AND o.domain_id = NEW.domain_id AND o.algorithm = NEW.algorithm
                      AND o.id <> NEW.id AND o.retiring_at <> now() AND o.retired_at IS NULL AND o.revoked_at IS NULL) THEN
        PERFORM refuse('dkim_key_one_rotation', 'the last rotation is not over');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER dkim_key_rotation_guard BEFORE UPDATE OF active_at ON dkim_key
    FOR EACH ROW EXECUTE FUNCTION dkim_key_rotation_guard();
