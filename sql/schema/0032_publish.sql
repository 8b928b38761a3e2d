-- 0032_publish: records of keys in our own zones, behind a customer's CNAME or on a name delegated to us.
--
-- CNAME: three names of a domain and algorithm point into our zone for good;
-- the keys behind them come and go.  NS: one name below _domainkey of the
-- customer's domain is a zone of ours; its keys have names of their own.

ALTER TABLE provider
    ADD COLUMN name_servers text COLLATE "C"    -- of our own zones, the first one is told to secondaries; NULL: we write fragments
        CONSTRAINT provider_servers CHECK (name_servers ~ '^[a-z0-9.-]+( [a-z0-9.-]+)*$' AND octet_length(name_servers) <= 1000);
ALTER TABLE dkim_key
    ADD COLUMN slot smallint CONSTRAINT dkim_key_slot CHECK (slot BETWEEN 1 AND 3),
    -- a selector may have several labels (RFC 6376 3.1): below a delegated name they do
    DROP CONSTRAINT dkim_key_selector_form,
    ADD CONSTRAINT dkim_key_selector_form CHECK (octet_length(selector) <= 63
        AND selector ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$');

-- ---------------------------------------------------------------- names

-- The provider's own label below _domainkey: two providers may serve one domain.
CREATE FUNCTION dkim_label(provider text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT rtrim(left(provider, 50), '-') $$;

-- The three names that a customer points into our zone; kind: 's' RSA, 'e' Ed25519.
CREATE FUNCTION dkim_slots(provider text, kind text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT ARRAY(SELECT dkim_label(provider) || '-' || kind || n FROM generate_series(1, 3) AS n) $$;

-- When a slot may get its next key: never while one lives in it; else when every
-- resolver has forgotten the last one.
CREATE FUNCTION dkim_slot_free_at(p_provider bigint, p_domain bigint, p_selector text) RETURNS timestamptz
LANGUAGE sql STABLE
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN bool_or(k.retired_at IS NULL AND k.revoked_at IS NULL AND k.cancelled_at IS NULL) THEN 'infinity'
                ELSE coalesce(max(coalesce(k.revoked_at, k.retired_at, k.cancelled_at)
                                  + make_interval(secs => k.ttl_seen) + p.publish_margin), '-infinity') END
      FROM dkim_key k JOIN provider p ON p.provider_id = k.provider_id
     WHERE k.provider_id = p_provider AND k.domain_id = p_domain AND k.selector = p_selector
$$;
GRANT EXECUTE ON FUNCTION dkim_label(text), dkim_slots(text, text), dkim_slot_free_at(bigint, bigint, text) TO PUBLIC;

-- ---------------------------------------------------------------- rules

-- Outside a slot a selector names one key over all history; in a slot, one living key.
ALTER TABLE dkim_key DROP CONSTRAINT dkim_key_selector_once;
CREATE UNIQUE INDEX dkim_key_selector_once ON dkim_key (provider_id, domain_id, selector) WHERE slot IS NULL;
CREATE UNIQUE INDEX dkim_key_slot_once ON dkim_key (provider_id, domain_id, selector)
    WHERE slot IS NOT NULL AND retired_at IS NULL AND revoked_at IS NULL AND cancelled_at IS NULL;

-- One key is on its way at a time; any number, within reason, was handed over ahead.
DROP INDEX dkim_key_one_pending;
CREATE UNIQUE INDEX dkim_key_one_pending ON dkim_key (provider_id, domain_id, algorithm)
    WHERE active_at IS NULL AND cancelled_at IS NULL AND revoked_at IS NULL AND NOT standby;

CREATE FUNCTION dkim_key_rule_slot(n dkim_key, at timestamptz) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF n.slot IS NOT NULL AND dkim_slot_free_at(n.provider_id, n.domain_id, n.selector) > at
       OR n.slot IS NULL AND EXISTS (SELECT FROM dkim_key k
                                      WHERE k.provider_id = n.provider_id AND k.domain_id = n.domain_id
                                        AND k.selector = n.selector AND k.slot IS NOT NULL) THEN
        PERFORM refuse('dkim_key_slot_taken', 'the key that stood under this name is not forgotten yet');
    END IF;
END
$$;

CREATE FUNCTION dkim_key_rule_ahead(n dkim_key) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF n.standby AND (SELECT count(*) FROM dkim_key k
                       WHERE k.provider_id = n.provider_id AND k.domain_id = n.domain_id AND k.algorithm = n.algorithm
                         AND k.standby AND k.active_at IS NULL AND k.cancelled_at IS NULL AND k.revoked_at IS NULL) >= 24 THEN
        PERFORM refuse('dkim_key_many_ahead', 'two dozen keys are ahead already');
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION dkim_key_rule_slot(dkim_key, timestamptz), dkim_key_rule_ahead(dkim_key) TO PUBLIC;

-- What the place of a new key knows: its slot, and how long what stood there may be remembered.
CREATE FUNCTION dkim_key_place() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
BEGIN
    NEW.slot := NULL;
    IF NEW.publish = 'cname' THEN
        SELECT array_position(dkim_slots(p.name, CASE NEW.algorithm WHEN 'rsa-sha256' THEN 's' ELSE 'e' END), NEW.selector)
          INTO NEW.slot
          FROM provider p JOIN domain d ON d.provider_id = p.provider_id AND d.id = NEW.domain_id AND d.mode <> 'hosted'
         WHERE p.provider_id = NEW.provider_id;
    END IF;
    PERFORM dkim_key_rule_slot(NEW, clock_timestamp());
    PERFORM dkim_key_rule_ahead(NEW);
    IF NEW.slot IS NOT NULL THEN
        NEW.ttl_seen := coalesce((SELECT max(k.ttl_seen) FROM dkim_key k
                                   WHERE k.provider_id = NEW.provider_id AND k.domain_id = NEW.domain_id
                                     AND k.selector = NEW.selector), 0);
    END IF;
    RETURN NEW;
END
$$;
GRANT EXECUTE ON FUNCTION dkim_key_place() TO PUBLIC;
-- after dkim_key_guard, which wants a new key without a past
CREATE TRIGGER dkim_key_place BEFORE INSERT ON dkim_key
    FOR EACH ROW EXECUTE FUNCTION dkim_key_place();

-- ---------------------------------------------------------------- what was written

-- The serial of each zone that we write grows when its content does, and never
-- else; from the clock, so that a database of yesterday does not give out one twice.
CREATE TABLE key_zone (
    provider_id bigint NOT NULL,
    name        record_name NOT NULL,
    serial      bigint NOT NULL CONSTRAINT key_zone_serial CHECK (serial BETWEEN 1 AND 4294967295),
    digest      text NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider_id, name),
    CONSTRAINT key_zone_provider FOREIGN KEY (provider_id) REFERENCES provider
);
CALL protect('key_zone');
CALL allow('manager', 'SELECT, INSERT, UPDATE (serial, digest, changed_at)', 'key_zone');
CALL allow('exporter', 'SELECT', 'key_zone');
