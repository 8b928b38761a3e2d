-- 0004_observe: what the world answered, and what we make of it.
--
-- An observation is one answer of one server, kept as evidence.  A verdict is
-- the current opinion about one requirement of a domain, with the observations
-- it rests on.  "state" is what the last look said; "settled" is what counts:
-- a look that could not tell changes nothing, and a requirement that was met is
-- lost only when it was missed twice, a negative TTL apart.

CREATE TABLE observation (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    domain_id   bigint NOT NULL,
    purpose     text NOT NULL CONSTRAINT observation_purpose CHECK (purpose IN ('spf', 'dkim', 'dmarc', 'mailfrom', 'smarthost', 'site')),
    name        text COLLATE "C" NOT NULL,
    server      text COLLATE "C" NOT NULL,  -- who answered: 192.0.2.53:53
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    ttl         bigint,                     -- NULL: nothing that could be kept
    rcode       text NOT NULL,              -- NOERROR, NXDOMAIN, SERVFAIL, ..., TIMEOUT
    ad          boolean NOT NULL DEFAULT false,
    answer      bytea,                      -- the message as it came; NULL: none came
    PRIMARY KEY (provider_id, id),
    CONSTRAINT observation_domain FOREIGN KEY (provider_id, domain_id) REFERENCES domain
);
CREATE INDEX observation_of_domain ON observation (provider_id, domain_id, at);

CREATE TRIGGER observation_append_only BEFORE UPDATE ON observation
    FOR EACH ROW EXECUTE FUNCTION append_only();

CREATE TABLE verdict (
    provider_id   bigint NOT NULL,
    domain_id     bigint NOT NULL,
    purpose       text NOT NULL CONSTRAINT verdict_purpose CHECK (purpose IN ('spf', 'dkim', 'dmarc', 'mailfrom', 'smarthost', 'site')),
    name          text COLLATE "C" NOT NULL,
    type          text COLLATE "C" NOT NULL,  -- TXT, CNAME, MX; SMTP or URL for what is no record
    required      boolean NOT NULL DEFAULT true,
    state         text NOT NULL CONSTRAINT verdict_state CHECK (state IN ('match', 'conflict', 'missing', 'unknown', 'misplaced', 'propagating', 'waived')),
    since         timestamptz NOT NULL DEFAULT now(),
    checked_at    timestamptz NOT NULL DEFAULT now(),
    negative_ttl  int NOT NULL DEFAULT 300 CONSTRAINT verdict_negative_ttl CHECK (negative_ttl >= 0),
    missed_since  timestamptz,              -- the first look of this series that missed it
    confirmed     boolean NOT NULL DEFAULT false,   -- is the state also what is settled?
    settled       text CONSTRAINT verdict_settled CHECK (settled IN ('match', 'conflict', 'missing', 'misplaced', 'waived')),
    settled_since timestamptz,
    met_at        timestamptz,              -- when it was met for the first time; NULL: never yet
    expected      text NOT NULL DEFAULT '',
    found         text NOT NULL DEFAULT '',
    explanation   text NOT NULL DEFAULT '',
    observations  bigint[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (provider_id, domain_id, purpose, name, type),
    CONSTRAINT verdict_domain FOREIGN KEY (provider_id, domain_id) REFERENCES domain
);

-- The arithmetic of opinions, whoever writes them.
CREATE FUNCTION verdict_guard() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    v_missed boolean := NEW.state IN ('missing', 'conflict', 'misplaced');
    v_met    boolean := NEW.state IN ('match', 'waived');
    v_before text;
BEGIN
    NEW.checked_at := now();
    NEW.since := now();
    NEW.missed_since := NULL;
    NEW.settled := NULL;
    NEW.settled_since := NULL;
    NEW.met_at := NULL;
    IF TG_OP = 'UPDATE' THEN
        v_before := OLD.settled;
        NEW.settled := OLD.settled;
        NEW.settled_since := OLD.settled_since;
        NEW.met_at := OLD.met_at;
        NEW.missed_since := CASE WHEN v_met THEN NULL ELSE OLD.missed_since END;
        IF OLD.state = NEW.state THEN
            NEW.since := OLD.since;
        END IF;
    END IF;

    IF v_missed THEN
        NEW.missed_since := coalesce(NEW.missed_since, now());
    END IF;
    NEW.confirmed := v_met OR v_missed AND NEW.missed_since < now()
                              AND now() - NEW.missed_since >= make_interval(secs => NEW.negative_ttl);
    -- what was never met needs no second look to be missing
    IF NEW.confirmed OR v_missed AND coalesce(v_before, 'missing') NOT IN ('match', 'waived') THEN
        NEW.settled := NEW.state;
    END IF;
    IF NEW.settled IS DISTINCT FROM v_before THEN
        NEW.settled_since := now();
    END IF;
    IF NEW.settled = 'match' THEN
        NEW.met_at := coalesce(NEW.met_at, now());
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER verdict_guard BEFORE INSERT OR UPDATE ON verdict
    FOR EACH ROW EXECUTE FUNCTION verdict_guard();

CALL protect('observation');
CALL protect('verdict');

CALL allow('manager', 'SELECT, INSERT, DELETE', 'observation');
CALL allow('manager', 'SELECT, INSERT, UPDATE, DELETE', 'verdict');
CALL allow('exporter', 'SELECT', 'observation');
CALL allow('exporter', 'SELECT', 'verdict');
