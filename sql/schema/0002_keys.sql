-- 0002_keys: signing keys, what seals them, and who they may be handed to.
--
-- What a key *is* stands in dkim_key, for everybody of its provider: the public
-- half, and the moments of its life, from which dkim_key_state() derives the
-- state.  What it *hides* stands in tables of its own that senderkeyd alone may
-- read; it also is the only one who adds keys.
--
-- Sealed columns hold envelopes (keys/envelope.h) bound to provider, client,
-- domain, selector, algorithm, uuid and public half: moved to another row, they
-- don't open.

-- A moment as programs read it: "2026-11-22T03:41:20Z".
CREATE FUNCTION utc(at timestamptz) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
AS $$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') $$;
GRANT EXECUTE ON FUNCTION utc(timestamptz) TO PUBLIC;

-- ---------------------------------------------------------------- what seals

-- Names of the master keys that ever sealed something here; the keys themselves
-- are never in a database.
CREATE TABLE master_key (
    uuid       uuid NOT NULL,
    version    int NOT NULL CONSTRAINT master_key_version CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at timestamptz,
    PRIMARY KEY (uuid, version)
);

-- Keys of the service itself: the one that signs bundles.
CREATE TABLE keyd_key (
    uuid       uuid NOT NULL,
    version    int NOT NULL DEFAULT 1,
    purpose    text NOT NULL CONSTRAINT keyd_key_purpose CHECK (purpose IN ('bundle')),
    public_key bytea NOT NULL CONSTRAINT keyd_key_public CHECK (octet_length(public_key) = 32),
    mk_uuid    uuid NOT NULL,
    mk_version int NOT NULL,
    sealed     bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at timestamptz,
    PRIMARY KEY (uuid, version),
    CONSTRAINT keyd_key_master FOREIGN KEY (mk_uuid, mk_version) REFERENCES master_key
);
CREATE UNIQUE INDEX keyd_key_one_current ON keyd_key (purpose) WHERE retired_at IS NULL;

-- Key-encryption keys, one in use per provider and kind, all versions kept while a row names them.
CREATE TABLE kek (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    uuid        uuid NOT NULL,
    version     int NOT NULL DEFAULT 1 CONSTRAINT kek_version CHECK (version > 0),
    kind        text NOT NULL DEFAULT 'provider' CONSTRAINT kek_kind CHECK (kind IN ('provider', 'pool')),
    mk_uuid     uuid NOT NULL,
    mk_version  int NOT NULL,
    sealed      bytea NOT NULL,
    commitment  bytea,                      -- of the key, under a MAC of the master key: proves a recovery
    quorum      int CONSTRAINT kek_quorum CHECK (quorum > 0),
    escrow_complete_at timestamptz,
    drilled_at  timestamptz,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at  timestamptz,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT kek_provider FOREIGN KEY (provider_id) REFERENCES provider,
    CONSTRAINT kek_master FOREIGN KEY (mk_uuid, mk_version) REFERENCES master_key,
    CONSTRAINT kek_once UNIQUE (provider_id, uuid, version)
);
CREATE UNIQUE INDEX kek_one_current ON kek (provider_id, kind) WHERE retired_at IS NULL;
CREATE INDEX kek_of_master ON kek (mk_uuid, mk_version);

-- Who can give a provider's keys back.
CREATE TABLE officer (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    uuid        uuid NOT NULL DEFAULT gen_random_uuid(),
    name        short_name NOT NULL,
    public_key  bytea NOT NULL CONSTRAINT officer_public CHECK (octet_length(public_key) = 32),
    fingerprint text NOT NULL,
    mac         bytea NOT NULL,             -- so that writing to this table enrols nobody
    proved_at   timestamptz,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at  timestamptz,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT officer_provider FOREIGN KEY (provider_id) REFERENCES provider,
    CONSTRAINT officer_name_once UNIQUE (provider_id, name)
);

CREATE TABLE escrow_share (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kek_id      bigint NOT NULL,
    officers    bigint[] NOT NULL,          -- the quorum this share belongs to
    officer_id  bigint NOT NULL,
    share       bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (provider_id, id),
    CONSTRAINT escrow_share_kek FOREIGN KEY (provider_id, kek_id) REFERENCES kek,
    CONSTRAINT escrow_share_officer FOREIGN KEY (provider_id, officer_id) REFERENCES officer,
    CONSTRAINT escrow_share_member CHECK (officer_id = ANY (officers)),
    CONSTRAINT escrow_share_once UNIQUE (provider_id, kek_id, officers, officer_id)
);

-- ---------------------------------------------------------------- signing keys

CREATE TABLE dkim_key (
    provider_id  bigint NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    uuid         uuid NOT NULL,
    domain_id    bigint NOT NULL,
    client_uuid  uuid NOT NULL,             -- whom it was made for; bound into the envelope
    selector     text COLLATE "C" NOT NULL
                 CONSTRAINT dkim_key_selector_form CHECK (selector ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$' AND octet_length(selector) <= 63),
    algorithm    text NOT NULL CONSTRAINT dkim_key_algorithm CHECK (algorithm IN ('rsa-sha256', 'ed25519-sha256')),
    bits         int NOT NULL
                 CONSTRAINT dkim_key_bits CHECK (CASE algorithm WHEN 'ed25519-sha256' THEN bits = 256 ELSE bits IN (1024, 2048, 3072, 4096) END),
    public_key   bytea NOT NULL             -- RSA: SubjectPublicKeyInfo; Ed25519: the 32 octets
                 CONSTRAINT dkim_key_public CHECK (CASE algorithm WHEN 'ed25519-sha256' THEN octet_length(public_key) = 32
                                                                  ELSE octet_length(public_key) BETWEEN 160 AND 600 END),
    publish      text NOT NULL CONSTRAINT dkim_key_publish CHECK (publish IN ('txt', 'cname', 'ns')),
    standby      boolean NOT NULL DEFAULT false,    -- handed over beside the first, for the day of need
    -- the moments of its life
    generated_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    publish_pending_at timestamptz,         -- its record stands on a sheet, or in our own zone
    seen_since         timestamptz,         -- every authoritative server has shown it, without a break
    published_at       timestamptz,         -- the first time that they all did
    probes             int NOT NULL DEFAULT 0 CONSTRAINT dkim_key_probes CHECK (probes >= 0),
    ttl_seen           int NOT NULL DEFAULT 0 CONSTRAINT dkim_key_ttl CHECK (ttl_seen BETWEEN 0 AND 2147483647),
    usable_at          timestamptz,         -- seen_since, the longest TTL, and the margin: computed by the guard
    active_at          timestamptz,         -- relays sign with it
    retiring_at        timestamptz,         -- another one signs; mail under way may still carry it
    last_signed_at     timestamptz,         -- the last relay acknowledged that it signs with another
    retired_at         timestamptz,         -- no mail can carry it any more; the record may go
    destroyed_at       timestamptz,         -- the private half is gone
    revoked_at         timestamptz,         -- withdrawn in an emergency
    cancelled_at       timestamptz,         -- given up before it ever signed
    PRIMARY KEY (provider_id, id),
    CONSTRAINT dkim_key_domain FOREIGN KEY (provider_id, domain_id) REFERENCES domain,
    CONSTRAINT dkim_key_uuid_once UNIQUE (provider_id, uuid),
    -- over all history: a verifier must never meet two keys under one name
    CONSTRAINT dkim_key_selector_once UNIQUE (provider_id, domain_id, selector),
    CONSTRAINT dkim_key_public_once UNIQUE (provider_id, public_key),
    -- nothing happens before what it rests on
    CONSTRAINT dkim_key_order_pending CHECK (publish_pending_at >= generated_at),
    CONSTRAINT dkim_key_order_seen CHECK (seen_since IS NULL OR publish_pending_at IS NOT NULL AND seen_since >= publish_pending_at),
    CONSTRAINT dkim_key_order_published CHECK (published_at IS NULL OR seen_since IS NOT NULL AND published_at >= seen_since),
    CONSTRAINT dkim_key_order_active CHECK (active_at IS NULL OR published_at IS NOT NULL AND usable_at IS NOT NULL AND active_at >= usable_at),
    CONSTRAINT dkim_key_order_retiring CHECK (retiring_at IS NULL OR active_at IS NOT NULL AND retiring_at >= active_at),
    CONSTRAINT dkim_key_order_last CHECK (last_signed_at IS NULL OR retiring_at IS NOT NULL AND last_signed_at >= retiring_at),
    CONSTRAINT dkim_key_order_retired CHECK (retired_at IS NULL OR last_signed_at IS NOT NULL AND retired_at >= last_signed_at),
    CONSTRAINT dkim_key_order_cancelled CHECK (cancelled_at IS NULL OR active_at IS NULL),
    CONSTRAINT dkim_key_order_destroyed CHECK (destroyed_at IS NULL OR coalesce(retired_at, revoked_at, cancelled_at) <= destroyed_at)
);
CREATE INDEX dkim_key_of_domain ON dkim_key (provider_id, domain_id);
CREATE UNIQUE INDEX dkim_key_one_active ON dkim_key (provider_id, domain_id, algorithm)
    WHERE active_at IS NOT NULL AND retiring_at IS NULL AND revoked_at IS NULL;
CREATE UNIQUE INDEX dkim_key_one_pending ON dkim_key (provider_id, domain_id, algorithm, standby)
    WHERE active_at IS NULL AND cancelled_at IS NULL AND revoked_at IS NULL;

-- The one place that knows what the moments mean.
CREATE FUNCTION dkim_key_state(k dkim_key, at timestamptz DEFAULT clock_timestamp()) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN k.destroyed_at <= at THEN 'destroyed'
                WHEN k.revoked_at <= at THEN 'revoked'
                WHEN k.cancelled_at <= at THEN 'cancelled'
                WHEN k.retired_at <= at THEN 'retired'
                WHEN k.retiring_at <= at THEN 'retiring'
                WHEN k.active_at <= at THEN 'active'
                WHEN k.published_at <= at THEN 'published'
                WHEN k.publish_pending_at <= at THEN 'publish-pending'
                ELSE 'generated' END
$$;

-- Since when it is in that state.
CREATE FUNCTION dkim_key_since(k dkim_key, at timestamptz DEFAULT clock_timestamp()) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE dkim_key_state(k, at)
           WHEN 'destroyed' THEN k.destroyed_at
           WHEN 'revoked' THEN k.revoked_at
           WHEN 'cancelled' THEN k.cancelled_at
           WHEN 'retired' THEN k.retired_at
           WHEN 'retiring' THEN k.retiring_at
           WHEN 'active' THEN k.active_at
           WHEN 'published' THEN k.published_at
           WHEN 'publish-pending' THEN k.publish_pending_at
           ELSE k.generated_at END
$$;
GRANT EXECUTE ON FUNCTION dkim_key_state(dkim_key, timestamptz), dkim_key_since(dkim_key, timestamptz) TO PUBLIC;

CREATE TABLE dkim_secret (
    provider_id bigint NOT NULL,
    key_id      bigint NOT NULL,
    version     int NOT NULL DEFAULT 1 CONSTRAINT dkim_secret_version CHECK (version > 0),
    kek_id      bigint NOT NULL,
    sealed      bytea NOT NULL,
    sealed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (provider_id, key_id),
    CONSTRAINT dkim_secret_key FOREIGN KEY (provider_id, key_id) REFERENCES dkim_key,
    CONSTRAINT dkim_secret_kek FOREIGN KEY (provider_id, kek_id) REFERENCES kek
);
CREATE INDEX dkim_secret_of_kek ON dkim_secret (provider_id, kek_id);

-- May this key leave our hands?  Under escrow_policy 'required' only when enough
-- officers could bring it back.
CREATE FUNCTION dkim_key_escrowed(p_provider bigint, p_key bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
    SELECT p.escrow_policy <> 'required'
           OR EXISTS (SELECT FROM dkim_secret s
                        JOIN kek ON kek.provider_id = s.provider_id AND kek.id = s.kek_id
                       WHERE s.provider_id = p_provider AND s.key_id = p_key
                         AND kek.escrow_complete_at IS NOT NULL)
      FROM provider p WHERE p.provider_id = p_provider
$$;
GRANT EXECUTE ON FUNCTION dkim_key_escrowed(bigint, bigint) TO PUBLIC;

-- The life of a key goes one way, at the pace of the clock, and never signs
-- before the wait is over: whoever writes, with whatever program.
CREATE FUNCTION dkim_key_guard() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    v_policy provider;
    v_now    timestamptz := clock_timestamp();
    v_fresh  timestamptz[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.generated_at := v_now;
        IF num_nonnulls(NEW.publish_pending_at, NEW.seen_since, NEW.published_at, NEW.usable_at, NEW.active_at,
                        NEW.retiring_at, NEW.last_signed_at, NEW.retired_at, NEW.destroyed_at, NEW.revoked_at,
                        NEW.cancelled_at, nullif(NEW.probes, 0), nullif(NEW.ttl_seen, 0)) > 0 THEN
            PERFORM refuse('dkim_key_born_old', 'a new key has no past');
        END IF;
        RETURN NEW;
    END IF;

    IF (OLD.provider_id, OLD.id, OLD.uuid, OLD.domain_id, OLD.client_uuid, OLD.selector, OLD.algorithm, OLD.bits,
        OLD.public_key, OLD.publish, OLD.generated_at)
       IS DISTINCT FROM
       (NEW.provider_id, NEW.id, NEW.uuid, NEW.domain_id, NEW.client_uuid, NEW.selector, NEW.algorithm, NEW.bits,
        NEW.public_key, NEW.publish, NEW.generated_at) THEN
        PERFORM refuse('dkim_key_identity', 'what a key is does not change');
    END IF;

    -- what happened has happened
    IF OLD.publish_pending_at <> NEW.publish_pending_at OR OLD.publish_pending_at IS NOT NULL AND NEW.publish_pending_at IS NULL
       OR OLD.active_at <> NEW.active_at OR OLD.active_at IS NOT NULL AND NEW.active_at IS NULL
       OR OLD.retiring_at <> NEW.retiring_at OR OLD.retiring_at IS NOT NULL AND NEW.retiring_at IS NULL
       OR OLD.last_signed_at <> NEW.last_signed_at OR OLD.last_signed_at IS NOT NULL AND NEW.last_signed_at IS NULL
       OR OLD.retired_at <> NEW.retired_at OR OLD.retired_at IS NOT NULL AND NEW.retired_at IS NULL
       OR OLD.destroyed_at <> NEW.destroyed_at OR OLD.destroyed_at IS NOT NULL AND NEW.destroyed_at IS NULL
       OR OLD.revoked_at <> NEW.revoked_at OR OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NULL
       OR OLD.cancelled_at <> NEW.cancelled_at OR OLD.cancelled_at IS NOT NULL AND NEW.cancelled_at IS NULL
       OR NEW.ttl_seen < OLD.ttl_seen THEN
        PERFORM refuse('dkim_key_moment_final', 'a moment that was recorded does not change');
    END IF;
    IF OLD.active_at IS NOT NULL
       AND (OLD.seen_since, OLD.published_at, OLD.usable_at) IS DISTINCT FROM (NEW.seen_since, NEW.published_at, NEW.usable_at) THEN
        PERFORM refuse('dkim_key_moment_final', 'a moment that was recorded does not change');
    END IF;
    IF dkim_key_state(OLD, v_now) IN ('destroyed', 'cancelled')
       AND (NEW.destroyed_at IS NULL OR OLD.destroyed_at IS NOT NULL) THEN
        PERFORM refuse('dkim_key_over', 'the life of this key is over');
    END IF;

    -- nothing is dated back or ahead: a wait can't be skipped by a date
    v_fresh := ARRAY[
        CASE WHEN OLD.publish_pending_at IS NULL THEN NEW.publish_pending_at END,
        CASE WHEN OLD.seen_since IS DISTINCT FROM NEW.seen_since THEN NEW.seen_since END,
        CASE WHEN OLD.published_at IS DISTINCT FROM NEW.published_at THEN NEW.published_at END,
        CASE WHEN OLD.active_at IS NULL THEN NEW.active_at END,
        CASE WHEN OLD.retiring_at IS NULL THEN NEW.retiring_at END,
        CASE WHEN OLD.retired_at IS NULL THEN NEW.retired_at END,
        CASE WHEN OLD.destroyed_at IS NULL THEN NEW.destroyed_at END,
        CASE WHEN OLD.revoked_at IS NULL THEN NEW.revoked_at END,
        CASE WHEN OLD.cancelled_at IS NULL THEN NEW.cancelled_at END];
    IF EXISTS (SELECT FROM unnest(v_fresh) AS m WHERE m < now() OR m > v_now) OR NEW.last_signed_at > v_now THEN
        PERFORM refuse('dkim_key_moment_now', 'a moment is recorded when it happens');
    END IF;

    SELECT * INTO STRICT v_policy FROM provider p WHERE p.provider_id = NEW.provider_id;

    IF OLD.publish_pending_at IS NULL AND NEW.publish_pending_at IS NOT NULL
       AND NOT dkim_key_escrowed(NEW.provider_id, NEW.id) THEN
        PERFORM refuse('dkim_key_escrow', 'the escrow of this key is not complete');
    END IF;

    IF NEW.active_at IS NULL THEN
        NEW.usable_at := NEW.seen_since + make_interval(secs => NEW.ttl_seen) + v_policy.publish_margin;
    ELSIF OLD.active_at IS NULL THEN
        NEW.usable_at := OLD.usable_at;
        IF NEW.published_at IS NULL OR NEW.usable_at IS NULL OR NEW.usable_at > NEW.active_at THEN
            PERFORM refuse('dkim_key_too_early', 'the wait after publishing is not over');
        END IF;
        IF NEW.probes < v_policy.publish_probes THEN
            PERFORM refuse('dkim_key_few_probes', 'its record was not seen often enough');
        END IF;
        IF NEW.revoked_at IS NOT NULL THEN
            PERFORM refuse('dkim_key_over', 'the life of this key is over');
        END IF;
        IF EXISTS (SELECT FROM dkim_key o
                    WHERE o.provider_id = NEW.provider_id AND o.domain_id = NEW.domain_id AND o.algorithm = NEW.algorithm
                      AND o.id <> NEW.id AND o.retiring_at < now() AND o.retired_at IS NULL AND o.revoked_at IS NULL) THEN
            PERFORM refuse('dkim_key_one_rotation', 'the last rotation is not over');
        END IF;
    END IF;

    IF OLD.retired_at IS NULL AND NEW.retired_at IS NOT NULL AND NEW.retired_at < NEW.last_signed_at + v_policy.linger THEN
        PERFORM refuse('dkim_key_linger', 'mail signed with this key may still be under way');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER dkim_key_guard BEFORE INSERT OR UPDATE ON dkim_key
    FOR EACH ROW EXECUTE FUNCTION dkim_key_guard();

CREATE FUNCTION dkim_secret_guard() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM dkim_key k
                    WHERE k.provider_id = OLD.provider_id AND k.id = OLD.key_id AND k.destroyed_at IS NOT NULL) THEN
        PERFORM refuse('dkim_secret_in_use', 'a private half goes only with the life of its key');
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER dkim_secret_guard BEFORE DELETE ON dkim_secret
    FOR EACH ROW EXECUTE FUNCTION dkim_secret_guard();

-- Keys made in advance, in quiet hours: nobody's until a domain needs one.
CREATE TABLE pool_key (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    uuid        uuid NOT NULL,
    algorithm   text NOT NULL CONSTRAINT pool_key_algorithm CHECK (algorithm IN ('rsa-sha256', 'ed25519-sha256')),
    bits        int NOT NULL,
    public_key  bytea NOT NULL,
    kek_id      bigint NOT NULL,
    sealed      bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (provider_id, id),
    CONSTRAINT pool_key_kek FOREIGN KEY (provider_id, kek_id) REFERENCES kek
);

-- ---------------------------------------------------------------- other secrets

-- Passwords of customers' servers; the newest one not retired counts.
CREATE TABLE smarthost_secret (
    provider_id  bigint NOT NULL,
    smarthost_id bigint NOT NULL,
    version      int NOT NULL CONSTRAINT smarthost_secret_version CHECK (version > 0),
    kek_id       bigint NOT NULL,
    sealed       bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at   timestamptz,
    PRIMARY KEY (provider_id, smarthost_id, version),
    CONSTRAINT smarthost_secret_smarthost FOREIGN KEY (provider_id, smarthost_id) REFERENCES smarthost,
    CONSTRAINT smarthost_secret_kek FOREIGN KEY (provider_id, kek_id) REFERENCES kek
);
CREATE UNIQUE INDEX smarthost_secret_one ON smarthost_secret (provider_id, smarthost_id) WHERE retired_at IS NULL;

-- ---------------------------------------------------------------- relays

-- To whom bundles are sealed.  public_key: X25519 (32) and Ed25519 (32), as
-- senderctl-relay keygen prints them; the MAC is made with a key that no
-- database holds, so that writing to this table enrols nobody.
CREATE TABLE relay_key (
    provider_id bigint NOT NULL,
    relay_id    bigint NOT NULL,
    version     int NOT NULL CONSTRAINT relay_key_version CHECK (version > 0),
    public_key  bytea NOT NULL CONSTRAINT relay_key_public CHECK (octet_length(public_key) = 64),
    fingerprint text NOT NULL,
    mac         bytea NOT NULL,
    enrolled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    enrolled_by text NOT NULL,
    retired_at  timestamptz,
    PRIMARY KEY (provider_id, relay_id, version),
    CONSTRAINT relay_key_relay FOREIGN KEY (provider_id, relay_id) REFERENCES relay
);
CREATE UNIQUE INDEX relay_key_one ON relay_key (provider_id, relay_id) WHERE retired_at IS NULL;

-- Every bundle that was ever made: its number keeps a relay from taking an older one.
CREATE TABLE relay_bundle (
    provider_id bigint NOT NULL,
    relay_id    bigint NOT NULL,
    sequence    bigint NOT NULL CONSTRAINT relay_bundle_sequence CHECK (sequence > 0),
    request     uuid NOT NULL,
    manifest    bytea NOT NULL,             -- digest of what was asked for
    tree        bytea NOT NULL,             -- digest of the export tree it belongs to
    entries     int NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    not_after   timestamptz NOT NULL,
    PRIMARY KEY (provider_id, relay_id, sequence),
    CONSTRAINT relay_bundle_relay FOREIGN KEY (provider_id, relay_id) REFERENCES relay,
    CONSTRAINT relay_bundle_once UNIQUE (provider_id, request)
);

-- ---------------------------------------------------------------- requests

-- What the service was asked for and has done, so that a caller that died asks
-- again under the same name and gets the same answer.
CREATE TABLE request (
    provider_id bigint NOT NULL,
    uuid        uuid NOT NULL,
    operation   text NOT NULL,
    digest      bytea NOT NULL,             -- of the parameters: one name, one meaning
    peer_uid    bigint NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    subject_id  bigint,                     -- the key, smarthost or relay it was about
    subject_version int,
    PRIMARY KEY (provider_id, uuid),
    CONSTRAINT request_provider FOREIGN KEY (provider_id) REFERENCES provider
);
CREATE INDEX request_by_age ON request (provider_id, at);

-- ---------------------------------------------------------------- who may

CALL protect('kek');
CALL protect('officer');
CALL protect('escrow_share');
CALL protect('dkim_key');
CALL protect('dkim_secret');
CALL protect('pool_key');
CALL protect('smarthost_secret');
CALL protect('relay_key');
CALL protect('relay_bundle');
CALL protect('request');

-- The key service: adds, and re-wraps; it never changes what a key is.
CALL allow('keyd', 'SELECT, INSERT, UPDATE (retired_at)', 'master_key');
CALL allow('keyd', 'SELECT, INSERT, UPDATE (sealed, mk_uuid, mk_version, retired_at)', 'keyd_key');
CALL allow('keyd', 'SELECT, INSERT, UPDATE (sealed, mk_uuid, mk_version, commitment, quorum, escrow_complete_at, drilled_at, retired_at)', 'kek');
CALL allow('keyd', 'SELECT, INSERT, UPDATE (proved_at, retired_at)', 'officer');
CALL allow('keyd', 'SELECT, INSERT, DELETE', 'escrow_share');
CALL allow('keyd', 'SELECT, INSERT, UPDATE (destroyed_at)', 'dkim_key');
CALL allow('keyd', 'SELECT, INSERT, DELETE, UPDATE (version, kek_id, sealed, sealed_at)', 'dkim_secret');
CALL allow('keyd', 'SELECT, INSERT, DELETE', 'pool_key');
CALL allow('keyd', 'SELECT, INSERT, UPDATE (kek_id, sealed, retired_at)', 'smarthost_secret');
CALL allow('keyd', 'SELECT, INSERT, UPDATE (mac, retired_at)', 'relay_key');
CALL allow('keyd', 'SELECT, INSERT', 'relay_bundle');
CALL allow('keyd', 'SELECT, INSERT, DELETE', 'request');

-- Everybody else: the public half and the moments; of sealed tables, only that a row is there.
DO $$
DECLARE
    who text;
BEGIN
    FOREACH who IN ARRAY ARRAY['manager', 'exporter'] LOOP
        CALL allow(who, 'SELECT', 'dkim_key');
        CALL allow(who, 'SELECT (provider_id, id, uuid, version, kind, quorum, escrow_complete_at, drilled_at, created_at, retired_at)', 'kek');
        CALL allow(who, 'SELECT (provider_id, smarthost_id, version, created_at, retired_at)', 'smarthost_secret');
        CALL allow(who, 'SELECT (provider_id, relay_id, version, fingerprint, enrolled_at, enrolled_by, retired_at)', 'relay_key');
        CALL allow(who, 'SELECT (provider_id, relay_id, sequence, tree, entries, made_at, not_after)', 'relay_bundle');
        CALL allow(who, 'SELECT (uuid, version, purpose, public_key, created_at, retired_at)', 'keyd_key');
    END LOOP;
END
$$;
CALL allow('manager', 'UPDATE (publish_pending_at, seen_since, published_at, probes, ttl_seen, active_at, retiring_at, '
                      'last_signed_at, retired_at, revoked_at, cancelled_at, standby)', 'dkim_key');
CALL allow('manager', 'SELECT (provider_id, id, uuid, name, fingerprint, proved_at, created_at, retired_at)', 'officer');
