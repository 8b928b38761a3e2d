-- 0031_key_rules: one function for each rule of a key's life, and the moment at which its successor is due.
--
-- What a rule says stands in one place: it can be read, tested and weakened
-- alone.  dkim_key_guard() calls them all, for whoever writes.

ALTER TABLE provider
    ADD COLUMN warn_after interval NOT NULL DEFAULT '365 days'
        CONSTRAINT provider_warn CHECK (warn_after > '0 s'),
    ADD COLUMN advance text NOT NULL DEFAULT 'command'  -- who takes steps that are due: key advance, or monitor too
        CONSTRAINT provider_advance CHECK (advance IN ('command', 'monitor'));
ALTER TABLE domain
    ADD COLUMN rotate_every interval                    -- NULL: the provider's
        CONSTRAINT domain_rotate CHECK (rotate_every > '0 s');
ALTER TABLE dkim_key
    ADD COLUMN rotate_at timestamptz;                   -- its successor is due: computed by the guard

-- ---------------------------------------------------------------- when a successor is due

-- No key gets older than the policy allows, and keys that began on one day do
-- not end on one day: each has its own place in the last fifth of the period.
CREATE FUNCTION dkim_key_rotate_at(k dkim_key, every interval) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT k.active_at + every * (0.8 + 0.2 * (('x' || substr(md5(k.uuid::text), 1, 8))::bit(32)::bigint / 4294967296.0))
$$;

-- ---------------------------------------------------------------- the rules
-- o: the key as it is; n: as it shall be; p: its provider's policy; at: this very moment.

CREATE FUNCTION dkim_key_rule_birth(n dkim_key) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF num_nonnulls(n.publish_pending_at, n.seen_since, n.published_at, n.usable_at, n.active_at, n.retiring_at,
                    n.last_signed_at, n.retired_at, n.destroyed_at, n.revoked_at, n.cancelled_at, n.rotate_at,
                    nullif(n.probes, 0), nullif(n.ttl_seen, 0)) > 0 THEN
        PERFORM refuse('dkim_key_born_old', 'a new key has no past');
    END IF;
END
$$;

CREATE FUNCTION dkim_key_rule_identity(o dkim_key, n dkim_key) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF (o.provider_id, o.id, o.uuid, o.domain_id, o.client_uuid, o.selector, o.algorithm, o.bits, o.public_key,
        o.publish, o.generated_at)
       IS DISTINCT FROM
       (n.provider_id, n.id, n.uuid, n.domain_id, n.client_uuid, n.selector, n.algorithm, n.bits, n.public_key,
        n.publish, n.generated_at) THEN
        PERFORM refuse('dkim_key_identity', 'what a key is does not change');
    END IF;
END
$$;

-- What happened has happened.
CREATE FUNCTION dkim_key_rule_final(o dkim_key, n dkim_key) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (SELECT FROM (VALUES (o.publish_pending_at, n.publish_pending_at), (o.active_at, n.active_at),
                                   (o.retiring_at, n.retiring_at), (o.last_signed_at, n.last_signed_at),
                                   (o.retired_at, n.retired_at), (o.destroyed_at, n.destroyed_at),
                                   (o.revoked_at, n.revoked_at), (o.cancelled_at, n.cancelled_at)) AS m (was, is_now)
                WHERE m.was IS NOT NULL AND m.is_now IS DISTINCT FROM m.was)
       OR n.ttl_seen < o.ttl_seen
       OR o.active_at IS NOT NULL
          AND (o.seen_since, o.published_at) IS DISTINCT FROM (n.seen_since, n.published_at) THEN
        PERFORM refuse('dkim_key_moment_final', 'a moment that was recorded does not change');
    END IF;
END
$$;

CREATE FUNCTION dkim_key_rule_over(o dkim_key, n dkim_key, at timestamptz) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF dkim_key_state(o, at) IN ('destroyed', 'cancelled') AND (n.destroyed_at IS NULL OR o.destroyed_at IS NOT NULL)
       OR o.active_at IS NULL AND n.active_at IS NOT NULL AND n.revoked_at IS NOT NULL THEN
        PERFORM refuse('dkim_key_over', 'the life of this key is over');
    END IF;
END
$$;

-- A clock that was set back moves nothing: neither a key whose last moment lies
-- ahead of it, nor a step of one whose provider has seen a later moment.
CREATE FUNCTION dkim_key_rule_clock(o dkim_key, n dkim_key, at timestamptz) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF at < greatest(o.generated_at, o.publish_pending_at, o.seen_since, o.published_at, o.active_at, o.retiring_at,
                     o.last_signed_at, o.retired_at, o.destroyed_at, o.revoked_at, o.cancelled_at)
       OR (o.active_at, o.retiring_at, o.last_signed_at, o.retired_at, o.destroyed_at)
          IS DISTINCT FROM (n.active_at, n.retiring_at, n.last_signed_at, n.retired_at, n.destroyed_at)
          AND at < (SELECT e.at FROM event e WHERE e.provider_id = o.provider_id ORDER BY e.id DESC LIMIT 1) THEN
        PERFORM refuse('dkim_key_clock', 'the clock of the database was set back');
    END IF;
END
$$;

-- Nothing is dated back or ahead: a wait can't be skipped by a date.
CREATE FUNCTION dkim_key_rule_now(o dkim_key, n dkim_key, at timestamptz) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (SELECT FROM (VALUES (o.publish_pending_at, n.publish_pending_at), (o.seen_since, n.seen_since),
                                   (o.published_at, n.published_at), (o.active_at, n.active_at),
                                   (o.retiring_at, n.retiring_at), (o.retired_at, n.retired_at),
                                   (o.destroyed_at, n.destroyed_at), (o.revoked_at, n.revoked_at),
                                   (o.cancelled_at, n.cancelled_at)) AS m (was, is_now)
                WHERE m.was IS DISTINCT FROM m.is_now AND (m.is_now < now() OR m.is_now > at))
       OR n.last_signed_at > at THEN
        PERFORM refuse('dkim_key_moment_now', 'a moment is recorded when it happens');
    END IF;
END
$$;

-- Only a key that enough officers could bring back leaves our hands, where the provider wants that.
CREATE FUNCTION dkim_key_rule_escrow(o dkim_key, n dkim_key) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF o.publish_pending_at IS NULL AND n.publish_pending_at IS NOT NULL
       AND NOT dkim_key_escrowed(n.provider_id, n.id) THEN
        PERFORM refuse('dkim_key_escrow', 'the escrow of this key is not complete');
    END IF;
END
$$;

-- RFC 8301 3.2: "Signers SHOULD use RSA keys of at least 2048 bits."  A shorter
-- one may be known, so that it is retired in order; it does not begin to sign.
CREATE FUNCTION dkim_key_rule_size(o dkim_key, n dkim_key) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF o.active_at IS NULL AND n.active_at IS NOT NULL AND n.algorithm = 'rsa-sha256' AND n.bits < 2048 THEN
        PERFORM refuse('dkim_key_weak', 'an RSA key of less than 2048 bits does not sign');
    END IF;
END
$$;

-- Every answer from before its record was there must be forgotten.
CREATE FUNCTION dkim_key_rule_wait(o dkim_key, n dkim_key) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF o.active_at IS NULL AND n.active_at IS NOT NULL
       AND (n.published_at IS NULL OR n.usable_at IS NULL OR n.usable_at > n.active_at) THEN
        PERFORM refuse('dkim_key_too_early', 'the wait after publishing is not over');
    END IF;
END
$$;

CREATE FUNCTION dkim_key_rule_probes(o dkim_key, n dkim_key, p provider) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF o.active_at IS NULL AND n.active_at IS NOT NULL AND n.probes < p.publish_probes THEN
        PERFORM refuse('dkim_key_few_probes', 'its record was not seen often enough');
    END IF;
END
$$;

-- RFC 8463 is not understood by many receivers: Ed25519 signs beside RSA only.
CREATE FUNCTION dkim_key_rule_beside(o dkim_key, n dkim_key) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF o.active_at IS NULL AND n.active_at IS NOT NULL AND n.algorithm = 'ed25519-sha256'
       AND NOT EXISTS (SELECT FROM dkim_key k
                        WHERE k.provider_id = n.provider_id AND k.domain_id = n.domain_id AND k.algorithm = 'rsa-sha256'
                          AND k.active_at IS NOT NULL AND k.retiring_at IS NULL AND k.revoked_at IS NULL) THEN
        PERFORM refuse('dkim_key_beside', 'an RSA key must sign beside it');
    END IF;
END
$$;

-- One rotation of a domain and algorithm at a time.  A key that takes over from
-- one that was revoked in this very transaction waits for nobody.
CREATE FUNCTION dkim_key_rule_rotation(o dkim_key, n dkim_key) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF o.active_at IS NULL AND n.active_at IS NOT NULL
       AND EXISTS (SELECT FROM dkim_key k
                    WHERE k.provider_id = n.provider_id AND k.domain_id = n.domain_id AND k.algorithm = n.algorithm
                      AND k.id <> n.id AND k.retiring_at <> now() AND k.retired_at IS NULL AND k.revoked_at IS NULL)
       AND NOT EXISTS (SELECT FROM dkim_key k
                        WHERE k.provider_id = n.provider_id AND k.domain_id = n.domain_id AND k.algorithm = n.algorithm
                          AND k.active_at IS NOT NULL AND k.retiring_at IS NULL AND k.revoked_at = now()) THEN
        PERFORM refuse('dkim_key_one_rotation', 'the last rotation is not over');
    END IF;
END
$$;

-- Mail signed with it may wait in a queue for days.
CREATE FUNCTION dkim_key_rule_linger(o dkim_key, n dkim_key, p provider) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF o.retired_at IS NULL AND n.retired_at IS NOT NULL
       AND (n.last_signed_at IS NULL OR n.retired_at < n.last_signed_at + p.linger) THEN
        PERFORM refuse('dkim_key_linger', 'mail signed with this key may still be under way');
    END IF;
END
$$;

-- A key signs only when every relay holds it.
CREATE FUNCTION dkim_key_rule_staged(o dkim_key, n dkim_key) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF o.active_at IS NULL AND n.active_at IS NOT NULL AND relays_without_key(n.provider_id, n.id) <> '{}' THEN
        PERFORM refuse('dkim_key_unstaged', 'a relay does not hold this key yet');
    END IF;
END
$$;

-- And its mail counts as under way until the last relay said that it signs with another.
CREATE FUNCTION dkim_key_rule_ended(o dkim_key, n dkim_key) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF o.last_signed_at IS NULL AND n.last_signed_at IS NOT NULL
       AND (relays_signing_with_key(n.provider_id, n.id) <> '{}'
            OR n.last_signed_at < key_signing_ended(n.provider_id, n.id)) THEN
        PERFORM refuse('dkim_key_still_signs', 'a relay may still sign with this key');
    END IF;
END
$$;

-- ---------------------------------------------------------------- who calls them

CREATE OR REPLACE FUNCTION dkim_key_guard() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
DECLARE
    v_policy provider;
    v_every  interval;
    v_now    timestamptz := clock_timestamp();
    v_old    dkim_key;
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.generated_at := v_now;
        PERFORM dkim_key_rule_birth(NEW);
        RETURN NEW;
    END IF;

    SELECT * INTO STRICT v_policy FROM provider p WHERE p.provider_id = NEW.provider_id;
    -- nobody writes what is computed
    NEW.usable_at := CASE WHEN NEW.active_at IS NULL
                          THEN NEW.seen_since + make_interval(secs => NEW.ttl_seen) + v_policy.publish_margin
                          ELSE OLD.usable_at END;
    NEW.rotate_at := NULL;
    IF NEW.active_at IS NOT NULL AND NEW.retiring_at IS NULL AND NEW.revoked_at IS NULL THEN
        SELECT coalesce(d.rotate_every, v_policy.rotate_every) INTO STRICT v_every
          FROM domain d WHERE d.provider_id = NEW.provider_id AND d.id = NEW.domain_id;
        NEW.rotate_at := dkim_key_rotate_at(NEW, v_every);
    END IF;

    -- another policy alone: no rule has anything to say
    v_old := OLD;
    v_old.rotate_at := NEW.rotate_at;
    v_old.usable_at := NEW.usable_at;
    IF v_old IS NOT DISTINCT FROM NEW THEN
        RETURN NEW;
    END IF;

    PERFORM dkim_key_rule_identity(OLD, NEW);
    PERFORM dkim_key_rule_final(OLD, NEW);
    PERFORM dkim_key_rule_over(OLD, NEW, v_now);
    PERFORM dkim_key_rule_clock(OLD, NEW, v_now);
    PERFORM dkim_key_rule_now(OLD, NEW, v_now);
    PERFORM dkim_key_rule_escrow(OLD, NEW);
    PERFORM dkim_key_rule_size(OLD, NEW);
    PERFORM dkim_key_rule_wait(OLD, NEW);
    PERFORM dkim_key_rule_probes(OLD, NEW, v_policy);
    PERFORM dkim_key_rule_rotation(OLD, NEW);
    PERFORM dkim_key_rule_beside(OLD, NEW);
    PERFORM dkim_key_rule_linger(OLD, NEW, v_policy);
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION dkim_key_relays_guard() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM dkim_key_rule_staged(OLD, NEW);
    PERFORM dkim_key_rule_ended(OLD, NEW);
    RETURN NEW;
END
$$;

-- A domain that is signed has a key that signs, at every instant: the one that
-- goes and the one that comes are of one transaction.  Asked when it ends.
CREATE FUNCTION dkim_key_successor() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM domain d
                WHERE d.provider_id = NEW.provider_id AND d.id = NEW.domain_id AND d.dkim AND d.retired_at IS NULL)
       AND NOT EXISTS (SELECT FROM dkim_key k
                        WHERE k.provider_id = NEW.provider_id AND k.domain_id = NEW.domain_id
                          AND k.algorithm = NEW.algorithm AND k.active_at >= NEW.retiring_at AND k.revoked_at IS NULL) THEN
        PERFORM refuse('dkim_key_successor', 'no other key would sign');
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER dkim_key_successor AFTER UPDATE ON dkim_key
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.retiring_at IS NULL AND NEW.retiring_at IS NOT NULL)
    EXECUTE FUNCTION dkim_key_successor();

-- Another policy: another moment, for every key that signs.
CREATE FUNCTION dkim_key_policy() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE dkim_key k
       SET rotate_at = NULL
     WHERE k.provider_id = NEW.provider_id
       AND (TG_TABLE_NAME = 'provider' OR k.domain_id = (to_jsonb(NEW) ->> 'id')::bigint)
       AND k.active_at IS NOT NULL AND k.retiring_at IS NULL AND k.revoked_at IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER dkim_key_policy AFTER UPDATE OF rotate_every ON provider
    FOR EACH ROW WHEN (OLD.rotate_every IS DISTINCT FROM NEW.rotate_every) EXECUTE FUNCTION dkim_key_policy();
CREATE TRIGGER dkim_key_policy AFTER UPDATE OF rotate_every ON domain
    FOR EACH ROW WHEN (OLD.rotate_every IS DISTINCT FROM NEW.rotate_every) EXECUTE FUNCTION dkim_key_policy();

DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT oid::regprocedure FROM pg_proc
              WHERE pronamespace = 'senderctl'::regnamespace
                AND (proname LIKE 'dkim\_key\_rule\_%'
                     OR proname IN ('dkim_key_rotate_at', 'dkim_key_successor', 'dkim_key_policy'))
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', f);
    END LOOP;
END
$$;
-- the trigger writes what is computed, whatever was said
CALL allow('manager', 'UPDATE (rotate_at)', 'dkim_key');

-- Keys that sign already.
ALTER TABLE dkim_key NO FORCE ROW LEVEL SECURITY;
UPDATE dkim_key SET rotate_at = NULL WHERE active_at IS NOT NULL AND retiring_at IS NULL AND revoked_at IS NULL;
ALTER TABLE dkim_key FORCE ROW LEVEL SECURITY;

-- ---------------------------------------------------------------- what is due

-- So that finding a hundred among a hundred thousand costs what a hundred cost.
CREATE INDEX dkim_key_rotation_due ON dkim_key (provider_id, rotate_at)
    WHERE active_at IS NOT NULL AND retiring_at IS NULL AND revoked_at IS NULL;
CREATE INDEX dkim_key_coming ON dkim_key (provider_id, usable_at)
    WHERE active_at IS NULL AND cancelled_at IS NULL AND revoked_at IS NULL AND NOT standby;
CREATE INDEX dkim_key_relieved ON dkim_key (provider_id, last_signed_at)
    WHERE retiring_at IS NOT NULL AND retired_at IS NULL AND revoked_at IS NULL;

-- Keys for which the time has come, as far as time goes; what else stands
-- against a step is asked for these few alone.
CREATE VIEW dkim_key_due WITH (security_invoker = true) AS
SELECT k.provider_id, k.id, k.domain_id, 'activate' AS step, k.usable_at AS due_at
  FROM provider p JOIN dkim_key k ON k.provider_id = p.provider_id
 WHERE k.usable_at <= now()
   AND k.active_at IS NULL AND k.cancelled_at IS NULL AND k.revoked_at IS NULL AND NOT k.standby
UNION ALL
SELECT k.provider_id, k.id, k.domain_id, 'end', k.retiring_at
  FROM provider p JOIN dkim_key k ON k.provider_id = p.provider_id
 WHERE k.last_signed_at IS NULL
   AND k.retiring_at IS NOT NULL AND k.retired_at IS NULL AND k.revoked_at IS NULL
UNION ALL
SELECT k.provider_id, k.id, k.domain_id, 'retire', k.last_signed_at + p.linger
  FROM provider p JOIN dkim_key k ON k.provider_id = p.provider_id
 WHERE k.last_signed_at <= now() - p.linger
   AND k.retiring_at IS NOT NULL AND k.retired_at IS NULL AND k.revoked_at IS NULL
UNION ALL
SELECT k.provider_id, k.id, k.domain_id, 'rotate', k.rotate_at
  FROM provider p JOIN dkim_key k ON k.provider_id = p.provider_id
  JOIN domain d ON d.provider_id = k.provider_id AND d.id = k.domain_id
 WHERE k.rotate_at <= now()
   AND k.active_at IS NOT NULL AND k.retiring_at IS NULL AND k.revoked_at IS NULL
   AND d.dkim AND d.retired_at IS NULL
   -- whose successor is not on its way already
   AND NOT EXISTS (SELECT FROM dkim_key s
                    WHERE s.provider_id = k.provider_id AND s.domain_id = k.domain_id AND s.algorithm = k.algorithm
                      AND s.active_at IS NULL AND s.cancelled_at IS NULL AND s.revoked_at IS NULL AND NOT s.standby);
CALL allow('manager', 'SELECT', 'dkim_key_due');
CALL allow('exporter', 'SELECT', 'dkim_key_due');

-- As in 0015, but by the moment that is each key's own, and by the provider's
-- patience; who is degraded already is not degraded once more; and it is planned
-- once for each session, not at each look.
CREATE OR REPLACE FUNCTION change_note(p_provider bigint, p_domain bigint) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
BEGIN
    WITH f AS (SELECT * FROM domain_facts WHERE provider_id = p_provider AND id = p_domain),
         r AS (SELECT id, at FROM report WHERE provider_id = p_provider AND domain_id = p_domain ORDER BY id DESC LIMIT 1)
    INSERT INTO change (provider_id, client_id, domain_id, kind, purpose, name, occasion, detail)
    SELECT f.provider_id, f.client_id, f.id, c.kind, c.purpose, c.name, c.occasion, jsonb_strip_nulls(c.detail)
      FROM f CROSS JOIN LATERAL (
           SELECT 'verified' AS kind, NULL AS purpose, '' AS name,
                  coalesce('report ' || (SELECT id FROM r), 'first') AS occasion,
                  jsonb_build_object('reported_at', (SELECT moment_text(at) FROM r)) AS detail
            WHERE f.open = 0
           UNION ALL
           SELECT 'unmet', NULL, '', 'report ' || r.id, jsonb_build_object('reported_at', moment_text(r.at), 'reasons', f.reasons)
             FROM r
            WHERE f.open > 0 AND r.at + interval '72 hours' <= now()
              AND NOT EXISTS (SELECT FROM change v WHERE v.provider_id = f.provider_id AND v.domain_id = f.id
                                 AND v.kind = 'verified' AND v.occasion = 'report ' || r.id)
           UNION ALL
           SELECT 'degraded', NULL, '', 'since ' || extract(epoch FROM f.lost_since),
                  jsonb_build_object('lost_since', moment_text(f.lost_since), 'reasons', f.reasons)
            WHERE f.degrades_at <= now()
              -- lost one after the other, and only the first is back: degraded all the while
              AND NOT EXISTS (SELECT FROM change g
                               WHERE g.provider_id = f.provider_id AND g.domain_id = f.id AND g.kind = 'degraded'
                                 AND EXISTS (SELECT FROM change b
                                              WHERE b.provider_id = g.provider_id AND b.domain_id = g.domain_id
                                                AND b.kind = 'recovered' AND b.at > g.at AND b.at >= f.degrades_at)
                                 AND NOT EXISTS (SELECT FROM change b
                                                  WHERE b.provider_id = g.provider_id AND b.domain_id = g.domain_id
                                                    AND b.kind = 'recovered' AND b.at > g.at AND b.at < f.degrades_at))
           UNION ALL
           SELECT 'certificate', w.purpose, w.name,
                  to_char(w.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ' ' || t.days,
                  jsonb_build_object('expires_at', moment_text(w.expires_at),
                                     'days', greatest(floor(extract(epoch FROM w.expires_at - now()) / 86400), 0))
             FROM verdict w
             JOIN LATERAL (SELECT min(days) AS days FROM unnest(ARRAY[0, 1, 7, 14, 30]) AS days
                            WHERE w.expires_at <= now() + make_interval(days => days)) t ON t.days IS NOT NULL
            WHERE w.provider_id = f.provider_id AND w.domain_id = f.id
           UNION ALL
           SELECT 'key-age', 'dkim', k.selector, t.threshold,
                  jsonb_build_object('active_at', moment_text(k.active_at), 'days', floor(extract(epoch FROM now() - k.active_at) / 86400))
             FROM dkim_key k JOIN provider p ON p.provider_id = k.provider_id
             JOIN LATERAL (SELECT CASE WHEN k.active_at + p.warn_after <= now() THEN 'year'
                                       WHEN k.rotate_at <= now() THEN 'due' END AS threshold) t
                  ON t.threshold IS NOT NULL
            WHERE k.provider_id = f.provider_id AND k.domain_id = f.id
              AND k.retiring_at IS NULL AND k.revoked_at IS NULL) c
    ON CONFLICT ON CONSTRAINT change_once DO NOTHING;
END
$$;
