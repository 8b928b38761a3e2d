-- 0008_rotation: what relays acknowledged holds for every program, not only for ours.
--
-- A key signs only when every relay holds it, and its mail counts as under way
-- until the last relay said that it signs with another: a switch in the
-- database is not a switch on a relay.

CREATE FUNCTION dkim_key_relays_guard() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF OLD.active_at IS NULL AND NEW.active_at IS NOT NULL
       AND relays_without_key(NEW.provider_id, NEW.id) <> '{}' THEN
        PERFORM refuse('dkim_key_unstaged', 'a relay does not hold this key yet');
    END IF;
    IF OLD.last_signed_at IS NULL AND NEW.last_signed_at IS NOT NULL
       AND (relays_signing_with_key(NEW.provider_id, NEW.id) <> '{}'
            OR NEW.last_signed_at < key_signing_ended(NEW.provider_id, NEW.id)) THEN
        PERFORM refuse('dkim_key_still_signs', 'a relay may still sign with this key');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER dkim_key_relays_guard BEFORE UPDATE OF active_at, last_signed_at ON dkim_key
    FOR EACH ROW EXECUTE FUNCTION dkim_key_relays_guard();
