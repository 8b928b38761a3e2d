-- 0042_recommended: what is only recommended is missed, too, and nobody is withheld for it.
--
-- A DMARC record keeps no mail from being sent, so its loss degrades nobody; but
-- it was there, people rely on it, and it is gone: that is told, once, by the
-- same rule of two looks.  "told" says which losses are news; a record in our
-- own zone that follows the life of a key is none.

ALTER TABLE verdict
    ADD COLUMN told boolean;                -- is its loss told?  NULL: as far as it is required

-- As in 0015, and: what is recommended.  A change of that kind says so, and whom
-- it concerns.  Only what matches is there again: what is waived is done without.
CREATE OR REPLACE FUNCTION verdict_edge() RETURNS trigger
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
DECLARE
    v_told boolean := coalesce(NEW.told, NEW.required);
    v_was  boolean := TG_OP = 'UPDATE' AND coalesce(OLD.told, OLD.required) AND OLD.met_at IS NOT NULL
                      AND OLD.settled IN ('missing', 'conflict', 'misplaced');
    v_is   boolean := coalesce(v_told AND NEW.met_at IS NOT NULL
                               AND NEW.settled IN ('missing', 'conflict', 'misplaced'), false);
    v_kind text := CASE WHEN v_is AND NOT v_was THEN 'lost'
                        WHEN v_was AND v_told AND NEW.settled = 'match' THEN 'recovered' END;
BEGIN
    IF v_kind IS NOT NULL THEN
        INSERT INTO change (provider_id, client_id, domain_id, kind, purpose, name, detail)
        SELECT d.provider_id, d.client_id, d.id, v_kind, NEW.purpose, NEW.name,
               jsonb_strip_nulls(jsonb_build_object(
                   'state', NEW.settled, 'type', NEW.type, 'expected', nullif(NEW.expected, ''),
                   'found', nullif(NEW.found, ''), 'explanation', nullif(NEW.explanation, ''),
                   'degrades_at', CASE WHEN v_is AND NEW.required THEN moment_text(NEW.lost_since + p.degrade_grace) END,
                   'recommended', CASE WHEN NOT NEW.required THEN true END,
                   'senders', CASE WHEN NOT NEW.required THEN
                              (SELECT jsonb_agg(s.address ORDER BY s.address) FROM sender s
                                WHERE s.provider_id = d.provider_id AND s.domain = d.name AND s.retired_at IS NULL) END))
          FROM domain d JOIN provider p ON p.provider_id = d.provider_id
         WHERE d.provider_id = NEW.provider_id AND d.id = NEW.domain_id;
    END IF;
    RETURN NULL;
END
$$;

-- As in 0016, and: the second look at what is recommended.
CREATE OR REPLACE VIEW watch_facts WITH (security_invoker = true) AS
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
                  FILTER (WHERE coalesce(x.told, x.required) AND x.settled = 'match'
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

-- As in 0031, and: what is recommended neither begins nor ends that somebody is degraded.
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
                                                AND b.kind = 'recovered' AND NOT b.detail ? 'recommended'
                                                AND b.at > g.at AND b.at >= f.degrades_at)
                                 AND NOT EXISTS (SELECT FROM change b
                                                  WHERE b.provider_id = g.provider_id AND b.domain_id = g.domain_id
                                                    AND b.kind = 'recovered' AND NOT b.detail ? 'recommended'
                                                    AND b.at > g.at AND b.at < f.degrades_at))
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
