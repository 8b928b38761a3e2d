-- 0016_watch: which domain is looked at next, when, and by whom.
--
-- A row of watch holds facts: when the last look ended, how many in a row could
-- not tell, who looks just now.  When the next look is due follows from what is
-- known of the domain, by the rules of watch_next() and nowhere else.

CREATE TABLE watch (
    provider_id   bigint NOT NULL,
    domain_id     bigint NOT NULL,
    due_at        timestamptz,              -- NULL: nothing is to be looked at any more
    finished_at   timestamptz,              -- the last look that was kept
    attempt       int NOT NULL DEFAULT 0,   -- looks in a row that could not tell
    looks         bigint NOT NULL DEFAULT 0,    -- that were kept; and those that could not tell
    unsure_looks  bigint NOT NULL DEFAULT 0,
    claimed_by    uuid,                     -- the monitor that looks just now
    claimed_until timestamptz,              -- after that it is taken for dead
    PRIMARY KEY (provider_id, domain_id),
    CONSTRAINT watch_domain FOREIGN KEY (provider_id, domain_id) REFERENCES domain
);
CREATE INDEX watch_due ON watch (due_at);
CREATE INDEX watch_claimed ON watch (claimed_until) WHERE claimed_until IS NOT NULL;
-- All that is due is claimed, changed and freed again: leave room in the pages.
ALTER TABLE watch SET (fillfactor = 70);

-- A domain's own second of the day, so that ten thousand of them spread evenly.
CREATE FUNCTION watch_slot(domain text) RETURNS interval
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT make_interval(secs => (('x' || substr(md5(domain), 1, 8))::bit(32)::bigint % 86400)::double precision) $$;

-- Domains that were there before this file.
ALTER TABLE domain NO FORCE ROW LEVEL SECURITY;
INSERT INTO watch (provider_id, domain_id, due_at)
SELECT provider_id, id, now() + watch_slot(name) / 24 FROM domain WHERE retired_at IS NULL;
ALTER TABLE domain FORCE ROW LEVEL SECURITY;

CALL protect('watch');
CALL allow('manager', 'SELECT, INSERT, UPDATE', 'watch');
CALL allow('exporter', 'SELECT', 'watch');

-- New domains are looked at within the hour, and not all at once.
CREATE FUNCTION watch_begin() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO watch (provider_id, domain_id, due_at)
    SELECT provider_id, id, now() + watch_slot(name) / 24 FROM fresh;
    RETURN NULL;
END
$$;
CREATE TRIGGER watch_begin AFTER INSERT ON domain
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION watch_begin();

-- What the customer reported, or what was handed over, is looked at now; a
-- domain that is used in another way, too.
CREATE FUNCTION watch_now() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
DECLARE
    v_domain bigint := CASE TG_TABLE_NAME WHEN 'domain' THEN (to_jsonb(NEW) ->> 'id')::bigint
                                          ELSE (to_jsonb(NEW) ->> 'domain_id')::bigint END;
BEGIN
    UPDATE watch SET due_at = now(), attempt = 0
     WHERE provider_id = NEW.provider_id AND domain_id = v_domain;
    NOTIFY senderctl_watch;
    RETURN NULL;
END
$$;
CREATE TRIGGER watch_now AFTER INSERT ON report
    FOR EACH ROW EXECUTE FUNCTION watch_now();
CREATE TRIGGER watch_now AFTER UPDATE OF publish_pending_at ON dkim_key
    FOR EACH ROW WHEN (OLD.publish_pending_at IS DISTINCT FROM NEW.publish_pending_at) EXECUTE FUNCTION watch_now();
CREATE TRIGGER watch_now AFTER UPDATE ON domain
    FOR EACH ROW WHEN ((OLD.mode, OLD.smarthost_id, OLD.envelope_domain, OLD.dkim, OLD.retired_at)
                       IS DISTINCT FROM (NEW.mode, NEW.smarthost_id, NEW.envelope_domain, NEW.dkim, NEW.retired_at))
    EXECUTE FUNCTION watch_now();

-- All that the rules ask about.
CREATE VIEW watch_facts WITH (security_invoker = true) AS
SELECT w.provider_id, w.domain_id, f.name, w.attempt, f.retired_at,
       (SELECT max(r.at) FROM report r
         WHERE r.provider_id = w.provider_id AND r.domain_id = w.domain_id) AS reported_at,
       f.open, f.met_since, f.lost_since, f.degrades_at,
       v.second_look_at, v.unsure, v.negative_ttl,
       k.pending_since, k.usable_at, k.probes_missing
  FROM watch w
  JOIN domain_facts f ON f.provider_id = w.provider_id AND f.id = w.domain_id
  LEFT JOIN LATERAL (
       -- missed once: the look that confirms it
       SELECT max(x.missed_since + make_interval(secs => x.negative_ttl))
                  FILTER (WHERE x.required AND x.settled = 'match'
                                AND x.state IN ('missing', 'conflict', 'misplaced')) AS second_look_at,
              bool_or(x.required AND x.state IN ('unknown', 'propagating')) AS unsure,
              max(x.negative_ttl) AS negative_ttl
         FROM verdict x WHERE x.provider_id = w.provider_id AND x.domain_id = w.domain_id) v ON true
  LEFT JOIN LATERAL (
       -- keys on their way to signing
       SELECT max(y.publish_pending_at) FILTER (WHERE y.seen_since IS NULL) AS pending_since,
              max(y.usable_at) FILTER (WHERE y.seen_since IS NOT NULL) AS usable_at,
              max(p.publish_probes - y.probes) FILTER (WHERE y.seen_since IS NOT NULL) AS probes_missing
         FROM dkim_key y JOIN provider p ON p.provider_id = y.provider_id
        WHERE y.provider_id = w.provider_id AND y.domain_id = w.domain_id
          AND y.publish_pending_at IS NOT NULL AND y.active_at IS NULL
          AND y.cancelled_at IS NULL AND y.revoked_at IS NULL) k ON true;
CALL allow('manager', 'SELECT', 'watch_facts');
CALL allow('exporter', 'SELECT', 'watch_facts');

-- The rules: of all that apply after a look at this moment, the earliest wins.
CREATE FUNCTION watch_next(f watch_facts, at timestamptz) RETURNS TABLE (rule text, due_at timestamptz)
LANGUAGE sql STABLE
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
    SELECT r.rule, greatest(r.due_at, at + interval '1 second')
      FROM (VALUES
        -- missed once: one negative TTL after the miss the second look confirms it, or not
        ('second look', f.second_look_at),
        -- the customer says that it is done: soon, and then less and less often, for 72 hours
        ('reported', (SELECT min(f.reported_at + s.step)
                        FROM unnest(ARRAY['1 min', '3 min', '8 min', '18 min', '38 min', '78 min', '138 min', '258 min',
                                          '498 min', '978 min', '1458 min', '1938 min', '2418 min', '2898 min',
                                          '3378 min', '3858 min', '72 hours']::interval[]) AS s (step)
                       WHERE f.open IS DISTINCT FROM 0 AND f.reported_at + s.step > at)),
        -- lost: people wait for it to come back
        ('lost', CASE WHEN at - f.lost_since < interval '6 hours' THEN at + interval '15 minutes'
                      WHEN at - f.lost_since < interval '7 days' THEN at + interval '1 hour' END),
        ('grace', CASE WHEN f.degrades_at > at THEN f.degrades_at END),
        -- a key whose record is awaited: each negative TTL, less often as it gets old
        ('key pending', CASE WHEN f.pending_since IS NOT NULL THEN
                             at + greatest(make_interval(secs => coalesce(f.negative_ttl, 300)), interval '1 minute',
                                           (at - f.pending_since) / 20) END),
        -- a key that was seen: as often as the policy wants it to be seen before it signs
        ('key seen', CASE WHEN f.usable_at > at THEN at + greatest((f.usable_at - at) / greatest(f.probes_missing, 1),
                                                                   interval '10 seconds')
                          WHEN f.probes_missing > 0 THEN at + interval '10 seconds' END),
        -- could not tell: ask again, and be patient with whoever is in trouble
        ('unknown', CASE WHEN f.unsure THEN at + interval '1 minute' * power(2, least(f.attempt, 6)) END),
        -- met not long ago: what breaks, breaks early
        ('young', CASE WHEN f.open = 0 AND at - f.met_since < interval '7 days' THEN at + interval '1 hour' END),
        -- everybody, once a day
        ('daily', (SELECT min(s.slot)
                     FROM unnest(ARRAY[0, 1]) AS later (days),
                          LATERAL (SELECT (date_trunc('day', at AT TIME ZONE 'UTC') + make_interval(days => later.days)
                                           + watch_slot(f.name)) AT TIME ZONE 'UTC' AS slot) s
                    WHERE s.slot > at))) AS r (rule, due_at)
     WHERE f.retired_at IS NULL AND r.due_at IS NOT NULL
     ORDER BY r.due_at
     LIMIT 1
$$;
GRANT EXECUTE ON FUNCTION watch_slot(text), watch_next(watch_facts, timestamptz) TO PUBLIC;

-- A look at this domain is stored: what changed, when to look again, and which
-- observations have served their time; those that a verdict rests on stay.
CREATE FUNCTION watch_finish(p_provider bigint, p_domain bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM change_note(p_provider, p_domain);

    UPDATE watch w
       SET finished_at = now(), looks = w.looks + 1,
           unsure_looks = w.unsure_looks + coalesce(f.unsure, false)::int,
           attempt = CASE WHEN f.unsure THEN least(w.attempt + 1, 1000) ELSE 0 END
      FROM watch_facts f
     WHERE w.provider_id = p_provider AND w.domain_id = p_domain
       AND f.provider_id = w.provider_id AND f.domain_id = w.domain_id;
    UPDATE watch w
       SET due_at = (SELECT n.due_at FROM watch_facts f, watch_next(f, now()) n
                      WHERE f.provider_id = w.provider_id AND f.domain_id = w.domain_id)
     WHERE w.provider_id = p_provider AND w.domain_id = p_domain;

    DELETE FROM observation o
     USING provider p
     WHERE p.provider_id = p_provider AND o.provider_id = p_provider AND o.domain_id = p_domain
       AND o.at < now() - p.keep_observations
       AND NOT EXISTS (SELECT FROM verdict v WHERE v.provider_id = o.provider_id AND v.domain_id = o.domain_id
                          AND o.id = ANY (v.observations));
END
$$;
CALL allow_call('manager', 'watch_finish(bigint, bigint)');
GRANT EXECUTE ON FUNCTION watch_begin(), watch_now() TO PUBLIC;
