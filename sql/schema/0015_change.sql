-- 0015_change: edges, not levels: what became different, once for each time.
--
-- A change is written in the transaction of the look that saw it, so there is
-- no look without its changes and no change twice, whatever dies when.
--
--   lost         a requirement that was met is missed for certain
--   recovered    it is there again
--   degraded     the grace after a loss is over
--   verified     all that is required is met: the first time, and as the answer
--                to each report of the customer
--   unmet        72 hours after a report it still is not
--   certificate  it ends soon; key-age: a key signs for long.  Once per threshold.

CREATE TABLE change (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    uuid        uuid NOT NULL DEFAULT gen_random_uuid(),  -- by which receivers know a repetition
    at          timestamptz NOT NULL DEFAULT now(),
    client_id   bigint NOT NULL,
    domain_id   bigint NOT NULL,
    kind        text NOT NULL CONSTRAINT change_kind
                CHECK (kind IN ('lost', 'recovered', 'degraded', 'verified', 'unmet', 'certificate', 'key-age')),
    purpose     text,                       -- of the requirement; NULL: the domain as a whole
    name        text COLLATE "C" NOT NULL DEFAULT '',
    -- what happens once at most: the report it answers, the threshold it crosses
    occasion    text COLLATE "C" NOT NULL DEFAULT gen_random_uuid()::text,
    detail      jsonb NOT NULL DEFAULT '{}',
    -- when it was told
    alerted_at  timestamptz,                -- by mail at once
    digested_at timestamptz,                -- in the mail of the day
    posted_at   timestamptz,                -- to the webhook
    PRIMARY KEY (provider_id, id),
    CONSTRAINT change_client FOREIGN KEY (provider_id, client_id) REFERENCES client,
    CONSTRAINT change_domain FOREIGN KEY (provider_id, domain_id) REFERENCES domain,
    CONSTRAINT change_once UNIQUE (provider_id, domain_id, kind, name, occasion)
);
CREATE INDEX change_not_digested ON change (provider_id, id) WHERE digested_at IS NULL;
CREATE INDEX change_not_posted ON change (provider_id, id) WHERE posted_at IS NULL;

-- Where changes are told: one row for each provider and way, so that one
-- monitor at a time uses it.
CREATE TABLE channel (
    provider_id   bigint NOT NULL,
    name          text NOT NULL CONSTRAINT channel_name CHECK (name IN ('mail', 'webhook')),
    claimed_by    uuid,
    claimed_until timestamptz,
    digested_at   timestamptz NOT NULL DEFAULT now(),   -- mail: when the last mail of the day left
    told_at       timestamptz,              -- the last success
    attempt       int NOT NULL DEFAULT 0,   -- failures in a row
    next_at       timestamptz NOT NULL DEFAULT now(),   -- not tried before
    problem       text,                     -- what the last failure said; NULL: none
    PRIMARY KEY (provider_id, name),
    CONSTRAINT channel_provider FOREIGN KEY (provider_id) REFERENCES provider
);

CREATE TRIGGER change_no_delete BEFORE DELETE ON change
    FOR EACH ROW EXECUTE FUNCTION append_only();

-- It stands in the history, too.
CREATE FUNCTION change_event() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO event (provider_id, client_id, subject, what, detail)
    SELECT d.provider_id, NEW.client_id, d.name, 'change.' || NEW.kind,
           jsonb_strip_nulls(jsonb_build_object('purpose', NEW.purpose, 'name', nullif(NEW.name, ''))) || NEW.detail
      FROM domain d WHERE d.provider_id = NEW.provider_id AND d.id = NEW.domain_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER change_event AFTER INSERT ON change
    FOR EACH ROW EXECUTE FUNCTION change_event();
GRANT EXECUTE ON FUNCTION change_event() TO PUBLIC;

CALL protect('change');
CALL protect('channel');
CALL allow('manager', 'SELECT, INSERT, UPDATE (alerted_at, digested_at, posted_at)', 'change');
CALL allow('manager', 'SELECT, INSERT, UPDATE', 'channel');
CALL allow('exporter', 'SELECT', 'change');
CALL allow('exporter', 'SELECT', 'channel');

-- A requirement was lost, or came back.
CREATE FUNCTION verdict_edge() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
DECLARE
    v_was boolean := TG_OP = 'UPDATE' AND OLD.required AND OLD.met_at IS NOT NULL
                     AND OLD.settled IN ('missing', 'conflict', 'misplaced');
    v_is  boolean := coalesce(NEW.required AND NEW.met_at IS NOT NULL
                              AND NEW.settled IN ('missing', 'conflict', 'misplaced'), false);
    v_kind text := CASE WHEN v_is AND NOT v_was THEN 'lost'
                        WHEN v_was AND NEW.required AND NEW.settled IN ('match', 'waived') THEN 'recovered' END;
BEGIN
    IF v_kind IS NOT NULL THEN
        INSERT INTO change (provider_id, client_id, domain_id, kind, purpose, name, detail)
        SELECT d.provider_id, d.client_id, d.id, v_kind, NEW.purpose, NEW.name,
               jsonb_strip_nulls(jsonb_build_object(
                   'state', NEW.settled, 'type', NEW.type, 'expected', nullif(NEW.expected, ''),
                   'found', nullif(NEW.found, ''), 'explanation', nullif(NEW.explanation, ''),
                   'degrades_at', CASE WHEN v_is THEN moment_text(NEW.lost_since + p.degrade_grace) END))
          FROM domain d JOIN provider p ON p.provider_id = d.provider_id
         WHERE d.provider_id = NEW.provider_id AND d.id = NEW.domain_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER verdict_edge AFTER INSERT OR UPDATE ON verdict
    FOR EACH ROW EXECUTE FUNCTION verdict_edge();

-- What a look at a whole domain makes of it; called after its verdicts are there.
CREATE FUNCTION change_note(p_provider bigint, p_domain bigint) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
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
             JOIN LATERAL (SELECT CASE WHEN k.active_at + interval '365 days' <= now() THEN 'year'
                                       WHEN k.active_at + p.rotate_every <= now() THEN 'due' END AS threshold) t
                  ON t.threshold IS NOT NULL
            WHERE k.provider_id = f.provider_id AND k.domain_id = f.id
              AND k.retiring_at IS NULL AND k.revoked_at IS NULL) c
    ON CONFLICT ON CONSTRAINT change_once DO NOTHING
$$;
CALL allow_call('manager', 'change_note(bigint, bigint)');
GRANT EXECUTE ON FUNCTION verdict_edge() TO PUBLIC;
