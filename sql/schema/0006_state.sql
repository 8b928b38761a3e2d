-- 0006_state: where each sender stands, derived from what happened.
--
-- Facts are sheets, reports, verdicts, generations, acknowledgements, waivers
-- and retirements; nobody types a state in.
--
--   draft -> handed-over -> reported -> verified -> live;  degraded;  retired
--
-- The reasons are codes with their facts, for the program to put into words:
-- no-sheet, not-reported, not-checked, requirement, no-active-key,
-- not-exported, on-premises.

-- What each sender domain has behind it.
CREATE VIEW domain_facts WITH (security_invoker = true) AS
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
           AND k.active_at <= now() AND k.retiring_at IS NULL AND k.revoked_at IS NULL) AS signs_since
  FROM domain d
  LEFT JOIN LATERAL (
       SELECT max(w.checked_at) AS checked_at,
              count(*) FILTER (WHERE w.required AND w.settled IS DISTINCT FROM 'match'
                                     AND w.settled IS DISTINCT FROM 'waived') AS open,
              max(w.settled_since) FILTER (WHERE w.required AND w.settled IN ('match', 'waived')) AS met_since,
              min(w.settled_since) FILTER (WHERE w.required AND w.met_at IS NOT NULL
                                           AND w.settled IN ('missing', 'conflict', 'misplaced')) AS lost_since,
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

-- Domains that every relay which ever spoke carries now, since when.
CREATE VIEW domain_carried WITH (security_invoker = true) AS
SELECT c.provider_id, c.domain_id, max(c.at) AS since, min(c.snapshot_at) AS snapshot_at
  FROM (SELECT u.provider_id, u.relay_id, u.at, g.snapshot_at, unnest(u.domains) AS domain_id
          FROM relay_running u
          JOIN generation g ON g.provider_id = u.provider_id AND g.relay_id = u.relay_id AND g.number = u.number
          JOIN relay r ON r.provider_id = u.provider_id AND r.id = u.relay_id AND r.retired_at IS NULL) c
 GROUP BY c.provider_id, c.domain_id
HAVING count(*) = (SELECT count(*) FROM relay_running n
                     JOIN relay r ON r.provider_id = n.provider_id AND r.id = n.relay_id AND r.retired_at IS NULL
                    WHERE n.provider_id = c.provider_id);

CREATE VIEW sender_state WITH (security_invoker = true) AS
SELECT s.provider_id, s.id AS sender_id, s.client_id, f.id AS domain_id, s.address, f.mode, t.state,
       CASE t.state
            WHEN 'retired' THEN least(s.retired_at, f.retired_at)
            WHEN 'degraded' THEN f.lost_since
            WHEN 'live' THEN CASE f.mode WHEN 'on-premises' THEN f.reported_at
                                         ELSE greatest(c.since, f.met_since, s.created_at) END
            WHEN 'verified' THEN greatest(f.met_since, s.created_at)
            WHEN 'reported' THEN greatest(f.reported_at, s.created_at)
            WHEN 'handed-over' THEN greatest(f.handed_at, s.created_at)
            ELSE s.created_at END AS since,
       CASE WHEN t.state IN ('retired', 'draft') THEN
                 CASE t.state WHEN 'draft' THEN jsonb_build_array(jsonb_build_object('code', 'no-sheet'))
                              ELSE '[]' END
            WHEN t.state = 'live' AND NOT coalesce(f.shaky, false) THEN '[]'
            ELSE CASE WHEN t.state = 'handed-over' AND f.mode = 'on-premises'
                           THEN jsonb_build_array(jsonb_build_object('code', 'not-reported'))
                      WHEN f.checked_at IS NULL AND f.mode <> 'on-premises'
                           THEN jsonb_build_array(jsonb_build_object('code', 'not-checked'))
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
            WHEN f.lost_since IS NOT NULL THEN 'degraded'
            WHEN f.open = 0 AND c.since IS NOT NULL AND c.snapshot_at >= s.created_at
                 AND (f.signs_since IS NOT NULL OR NOT f.must_sign) THEN 'live'
            WHEN f.open = 0 THEN 'verified'
            WHEN f.reported_at IS NOT NULL THEN 'reported'
            WHEN f.handed_at IS NOT NULL THEN 'handed-over'
            ELSE 'draft' END AS state) t;

DO $$
DECLARE
    who text;
BEGIN
    FOREACH who IN ARRAY ARRAY['manager', 'exporter'] LOOP
        CALL allow(who, 'SELECT', 'domain_facts');
        CALL allow(who, 'SELECT', 'domain_carried');
        CALL allow(who, 'SELECT', 'sender_state');
    END LOOP;
END
$$;
