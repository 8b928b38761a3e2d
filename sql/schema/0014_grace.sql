-- 0014_grace: a loss is told at once and acted upon later.
--
-- A requirement that was met and is missed twice, a negative TTL apart, is lost.
-- From that moment people are told; only when the grace is over, too, is the
-- sender degraded and withheld from relays.  '0' acts at once.

ALTER TABLE provider
    ADD COLUMN degrade_grace interval NOT NULL DEFAULT '4 hours'
        CONSTRAINT provider_grace CHECK (degrade_grace >= '0 s'),
    ADD COLUMN keep_observations interval NOT NULL DEFAULT '90 days'
        CONSTRAINT provider_keep CHECK (keep_observations >= '1 day');

ALTER TABLE verdict
    ADD COLUMN expires_at timestamptz,      -- of the certificate that a look met
    ADD COLUMN lost_since timestamptz;      -- it was met once, and is missed for certain

-- As in 0004, and: since when it is lost.
CREATE OR REPLACE FUNCTION verdict_guard() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
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

-- A moment as people and programs read it.
CREATE FUNCTION moment_text(at timestamptz) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
AS $$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') $$;
GRANT EXECUTE ON FUNCTION moment_text(timestamptz) TO PUBLIC;

-- Does this requirement keep nobody from sending: met, waived, or lost so
-- lately that the grace still runs?
CREATE FUNCTION verdict_holds(v verdict, grace interval) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT coalesce(v.settled IN ('match', 'waived')
                    OR v.met_at IS NOT NULL AND coalesce(v.lost_since, v.settled_since) + grace > now(), false)
$$;
GRANT EXECUTE ON FUNCTION verdict_holds(verdict, interval) TO PUBLIC;

-- As in 0005, but what is lacking holds while its grace runs.
CREATE OR REPLACE VIEW export_domain WITH (security_invoker = true) AS
SELECT f.*,
       coalesce(f.fault, f.doubt) AS withheld,
       f.fault IS NULL AND f.doubt IS NOT NULL AS unproved
  FROM (
SELECT d.provider_id, d.id AS domain_id, d.name, d.mode, d.client_id,
       nullif(d.envelope_domain::text, d.name::text) AS envelope_domain,
       h.uuid AS smarthost_uuid, h.host, h.port, h.tls, h.auth_user, h.ca,
       rsa.id AS rsa_key, rsa.selector AS rsa_selector, ed.id AS ed_key, ed.selector AS ed_selector,
       v.lacking,
       CASE WHEN d.retired_at IS NOT NULL THEN 'retired'
            WHEN d.mode = 'on-premises' THEN 'on-premises'
            WHEN d.mode = 'direct' AND (h.id IS NULL OR h.retired_at IS NOT NULL) THEN 'no-smarthost'
            WHEN d.mode = 'direct' AND hs.version IS NULL THEN 'no-secret'
            -- Postfix keys its TLS policy by the next hop: two customers must not disagree about one
            WHEN d.mode = 'direct' AND EXISTS (SELECT FROM smarthost o
                                                WHERE o.provider_id = h.provider_id AND o.host = h.host AND o.port = h.port
                                                  AND o.id < h.id AND o.retired_at IS NULL
                                                  AND (o.ca, o.tls) IS DISTINCT FROM (h.ca, h.tls)) THEN 'hop-conflict'
       END AS fault,
       CASE WHEN d.mode IN ('hosted', 'relayed') AND d.dkim AND rsa.id IS NULL
                 AND NOT EXISTS (SELECT FROM waiver w WHERE w.provider_id = d.provider_id AND w.domain_id = d.id
                                    AND w.purpose = 'dkim' AND w.ended_at IS NULL) THEN 'no-active-key'
            WHEN v.asked IS NULL THEN 'not-checked'
            WHEN v.lacking IS NOT NULL THEN 'not-verified'
       END AS doubt
  FROM domain d
  LEFT JOIN smarthost h ON h.provider_id = d.provider_id AND h.id = d.smarthost_id
  LEFT JOIN smarthost_secret hs ON hs.provider_id = h.provider_id AND hs.smarthost_id = h.id AND hs.retired_at IS NULL
  LEFT JOIN dkim_key rsa ON rsa.provider_id = d.provider_id AND rsa.domain_id = d.id AND rsa.algorithm = 'rsa-sha256'
                        AND rsa.active_at IS NOT NULL AND rsa.retiring_at IS NULL AND rsa.revoked_at IS NULL
  LEFT JOIN dkim_key ed ON ed.provider_id = d.provider_id AND ed.domain_id = d.id AND ed.algorithm = 'ed25519-sha256'
                       AND ed.active_at IS NOT NULL AND ed.retiring_at IS NULL AND ed.revoked_at IS NULL
  LEFT JOIN (SELECT x.provider_id, x.domain_id, count(*) AS asked,
                    string_agg(x.purpose || ' ' || coalesce(x.settled, 'unknown'), ', ' ORDER BY x.purpose, x.name)
                        FILTER (WHERE NOT verdict_holds(x, p.degrade_grace)) AS lacking
               FROM verdict x JOIN provider p ON p.provider_id = x.provider_id
              WHERE x.required
                    -- the record of a key that does not sign yet, or no longer, keeps nobody from sending
                AND (x.purpose <> 'dkim'
                     OR EXISTS (SELECT FROM dkim_key k
                                 WHERE k.provider_id = x.provider_id AND k.domain_id = x.domain_id
                                   AND k.active_at IS NOT NULL AND k.retiring_at IS NULL AND k.revoked_at IS NULL
                                   AND starts_with(x.name, k.selector || '._domainkey.')))
                AND NOT EXISTS (SELECT FROM waiver w
                                 WHERE w.provider_id = x.provider_id AND w.domain_id = x.domain_id
                                   AND w.purpose = x.purpose AND w.ended_at IS NULL)
              GROUP BY x.provider_id, x.domain_id) v ON v.provider_id = d.provider_id AND v.domain_id = d.id
       ) f;

-- As in 0006, and: how many requirements are lost, and when that degrades.
CREATE OR REPLACE VIEW domain_facts WITH (security_invoker = true) AS
SELECT d.provider_id, d.id, d.name, d.client_id, d.mode, d.created_at, d.retired_at,
       (SELECT min(s.issued_at)
          FROM sheet_domain sd JOIN sheet s ON s.provider_id = sd.provider_id AND s.id = sd.sheet_id
         WHERE sd.provider_id = d.provider_id AND sd.domain_id = d.id) AS handed_at,
       (SELECT min(r.at) FROM report r
         WHERE r.provider_id = d.provider_id AND r.domain_id = d.id) AS reported_at,
       v.checked_at, v.open, v.met_since, v.lost_since, v.shaky, v.reasons,
       -- signing: needed where our relay signs, unless waived
       d.mode IN ('hosted', 'relayed') AND d.dkim
           AND NOT EXISTS (SELECT FROM waiver w
                            WHERE w.provider_id = d.provider_id AND w.domain_id = d.id
                              AND w.purpose = 'dkim' AND w.ended_at IS NULL) AS must_sign,
       (SELECT min(k.active_at) FROM dkim_key k
         WHERE k.provider_id = d.provider_id AND k.domain_id = d.id
           AND k.active_at <= now() AND k.retiring_at IS NULL AND k.revoked_at IS NULL) AS signs_since,
       v.lost, v.lost_since + p.degrade_grace AS degrades_at
  FROM domain d
  JOIN provider p ON p.provider_id = d.provider_id
  LEFT JOIN LATERAL (
       SELECT max(w.checked_at) AS checked_at,
              count(*) FILTER (WHERE w.required AND w.settled IS DISTINCT FROM 'match'
                                     AND w.settled IS DISTINCT FROM 'waived') AS open,
              max(w.settled_since) FILTER (WHERE w.required AND w.settled IN ('match', 'waived')) AS met_since,
              min(coalesce(w.lost_since, w.settled_since))
                  FILTER (WHERE w.required AND w.met_at IS NOT NULL AND w.settled IN ('missing', 'conflict', 'misplaced')) AS lost_since,
              count(*) FILTER (WHERE w.required AND w.met_at IS NOT NULL
                                     AND w.settled IN ('missing', 'conflict', 'misplaced')) AS lost,
              -- missed by the last look, not yet confirmed by a second
              coalesce(bool_or(w.required AND w.settled = 'match'
                               AND w.state IN ('missing', 'conflict', 'misplaced')), false) AS shaky,
              coalesce(jsonb_agg(jsonb_build_object(
                           'code', 'requirement', 'purpose', w.purpose, 'name', w.name, 'state', w.state,
                           'confirmed', w.confirmed, 'since', w.since, 'explanation', w.explanation)
                         ORDER BY w.purpose, w.name)
                       FILTER (WHERE w.required AND w.state NOT IN ('match', 'waived')), '[]') AS reasons
         FROM verdict w
        WHERE w.provider_id = d.provider_id AND w.domain_id = d.id
       HAVING count(*) > 0) v ON true;

-- As in 0006, but degraded only after the grace; until then the reason is "grace".
CREATE OR REPLACE VIEW sender_state WITH (security_invoker = true) AS
SELECT s.provider_id, s.id AS sender_id, s.client_id, f.id AS domain_id, s.address, f.mode, t.state,
       CASE t.state
            WHEN 'retired' THEN least(s.retired_at, f.retired_at)
            WHEN 'degraded' THEN f.degrades_at
            WHEN 'live' THEN CASE f.mode WHEN 'on-premises' THEN f.reported_at
                                         ELSE greatest(c.since, f.met_since, s.created_at) END
            WHEN 'verified' THEN greatest(f.met_since, s.created_at)
            WHEN 'reported' THEN greatest(f.reported_at, s.created_at)
            WHEN 'handed-over' THEN greatest(f.handed_at, s.created_at)
            ELSE s.created_at END AS since,
       CASE WHEN t.state IN ('retired', 'draft') THEN
                 CASE t.state WHEN 'draft' THEN jsonb_build_array(jsonb_build_object('code', 'no-sheet'))
                              ELSE '[]' END
            WHEN t.state = 'live' AND NOT coalesce(f.shaky, false) AND f.lost_since IS NULL THEN '[]'
            ELSE CASE WHEN t.state = 'handed-over' AND f.mode = 'on-premises'
                           THEN jsonb_build_array(jsonb_build_object('code', 'not-reported'))
                      WHEN f.checked_at IS NULL AND f.mode <> 'on-premises'
                           THEN jsonb_build_array(jsonb_build_object('code', 'not-checked'))
                      ELSE '[]' END
                 || CASE WHEN f.degrades_at > now()
                              THEN jsonb_build_array(jsonb_build_object(
                                  'code', 'grace',
                                  'since', moment_text(f.lost_since), 'at', moment_text(f.degrades_at)))
                         ELSE '[]' END
                 || coalesce(f.reasons, '[]')
                 || CASE WHEN t.state = 'verified' AND f.must_sign AND f.signs_since IS NULL
                              THEN jsonb_build_array(jsonb_build_object('code', 'no-active-key'))
                         WHEN t.state = 'verified'
                              THEN jsonb_build_array(jsonb_build_object('code', 'not-exported'))
                         ELSE '[]' END
       END AS reasons
  FROM sender s
  JOIN domain_facts f ON f.provider_id = s.provider_id AND f.name = s.domain
  LEFT JOIN domain_carried c ON c.provider_id = f.provider_id AND c.domain_id = f.id
 CROSS JOIN LATERAL (
       SELECT CASE
            WHEN s.retired_at IS NOT NULL OR f.retired_at IS NOT NULL THEN 'retired'
            WHEN f.mode = 'on-premises' THEN
                 CASE WHEN f.reported_at IS NOT NULL AND f.handed_at IS NOT NULL THEN 'live'
                      WHEN f.handed_at IS NOT NULL THEN 'handed-over'
                      ELSE 'draft' END
            WHEN f.degrades_at <= now() THEN 'degraded'
            WHEN f.open = f.lost AND c.since IS NOT NULL AND c.snapshot_at >= s.created_at
                 AND (f.signs_since IS NOT NULL OR NOT f.must_sign) THEN 'live'
            WHEN f.open = f.lost THEN 'verified'
            WHEN f.reported_at IS NOT NULL THEN 'reported'
            WHEN f.handed_at IS NOT NULL THEN 'handed-over'
            ELSE 'draft' END AS state) t;
