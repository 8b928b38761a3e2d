-- 0022_apart: two looks are a negative TTL apart when they were made, not when they were stored.
--
-- A look is stored when it has ended: that may be long after it began, when a
-- server kept silent, a database was away, or thousands were stored at once.
-- What it saw it saw between.  So a miss counts from the moment it was stored,
-- and is confirmed by a look that began a negative TTL later.

ALTER TABLE verdict
    ADD COLUMN looked_at timestamptz;       -- when the look began that said so

-- As in 0014, and: by the moments of the looks; and a look that is older than
-- what is known is no news.
CREATE OR REPLACE FUNCTION verdict_guard() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
DECLARE
    v_missed boolean := NEW.state IN ('missing', 'conflict', 'misplaced');
    v_met    boolean := NEW.state IN ('match', 'waived');
    v_before text;
    v_at     timestamptz := coalesce(NEW.looked_at, now());
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.looked_at IS NOT DISTINCT FROM OLD.looked_at THEN
            v_at := now();
        ELSIF v_at < OLD.looked_at THEN
            NEW := OLD;
            NEW.checked_at := now();
            RETURN NEW;
        END IF;
    END IF;
    NEW.looked_at := v_at;
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
        -- a server that shows it speaks against a miss before, even while others do not
        NEW.missed_since := CASE WHEN v_met OR NEW.state = 'propagating' THEN NULL ELSE OLD.missed_since END;
        IF OLD.state = NEW.state THEN
            NEW.since := OLD.since;
        END IF;
    END IF;

    IF v_missed THEN
        NEW.missed_since := coalesce(NEW.missed_since, now());
    END IF;
    NEW.confirmed := v_met OR v_missed AND NEW.missed_since < v_at
                              AND v_at - NEW.missed_since >= make_interval(secs => NEW.negative_ttl);
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
    -- from missing to conflict is one loss, with one grace
    NEW.lost_since := NULL;
    IF NEW.met_at IS NOT NULL AND NEW.settled IN ('missing', 'conflict', 'misplaced') THEN
        NEW.lost_since := now();
        IF TG_OP = 'UPDATE' AND OLD.met_at IS NOT NULL AND OLD.settled IN ('missing', 'conflict', 'misplaced') THEN
            NEW.lost_since := coalesce(OLD.lost_since, OLD.settled_since);
        END IF;
    END IF;
    RETURN NEW;
END
$$;

-- As in 0000, but planned once for each session: row-level security asks for it at
-- every scan of every table, and the planner does once more.
CREATE OR REPLACE FUNCTION my_providers() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(array_agg(substr(rolname, length(senderctl.role('prov_')) + 1)::bigint), '{}')
              FROM pg_roles
             WHERE rolname ^@ senderctl.role('prov_')
               AND pg_has_role(current_user, oid, 'MEMBER'));
END
$$;

-- As in 0016, but planned once for each session.
CREATE OR REPLACE FUNCTION watch_next(f watch_facts, at timestamptz) RETURNS TABLE (rule text, due_at timestamptz)
LANGUAGE plpgsql STABLE
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
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
     LIMIT 1;
END
$$;
