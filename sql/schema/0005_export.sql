-- 0005_export: what a relay was given, what it says it runs, and who may be on it.

-- One numbered state of one relay's tables.  The digest covers every byte but
-- the number itself, so an export that changes nothing has no new number.
CREATE TABLE generation (
    provider_id bigint NOT NULL,
    relay_id    bigint NOT NULL,
    number      bigint NOT NULL CONSTRAINT generation_number CHECK (number > 0),
    uuid        uuid NOT NULL DEFAULT gen_random_uuid(),
    digest      bytea NOT NULL CONSTRAINT generation_digest CHECK (octet_length(digest) = 32),
    snapshot_at timestamptz NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    by_whom     text NOT NULL DEFAULT session_user,
    senders     bigint NOT NULL DEFAULT 0,
    domains     bigint[] NOT NULL DEFAULT '{}',     -- whose senders it lets through
    staged_keys bigint[] NOT NULL DEFAULT '{}',     -- private halves it holds
    active_keys bigint[] NOT NULL DEFAULT '{}',     -- those of them it signs with
    PRIMARY KEY (provider_id, relay_id, number),
    CONSTRAINT generation_relay FOREIGN KEY (provider_id, relay_id) REFERENCES relay,
    CONSTRAINT generation_signs_with_what_it_holds CHECK (active_keys <@ staged_keys)
);
CREATE TRIGGER generation_append_only BEFORE UPDATE OR DELETE ON generation
    FOR EACH ROW EXECUTE FUNCTION append_only();

-- "I run this one now."  A relay may go back to an older one and say so again.
CREATE TABLE generation_ack (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    relay_id    bigint NOT NULL,
    number      bigint NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    by_whom     text NOT NULL DEFAULT session_user,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT generation_ack_known FOREIGN KEY (provider_id, relay_id, number) REFERENCES generation
);
CREATE INDEX generation_ack_of_relay ON generation_ack (provider_id, relay_id, id);
CREATE TRIGGER generation_ack_append_only BEFORE UPDATE OR DELETE ON generation_ack
    FOR EACH ROW EXECUTE FUNCTION append_only();

CALL protect('generation');
CALL protect('generation_ack');

-- What each relay runs, by its own last word; no row for one that never spoke.
CREATE VIEW relay_running WITH (security_invoker = true) AS
SELECT DISTINCT ON (a.provider_id, a.relay_id)
       a.provider_id, a.relay_id, a.number, a.at, g.uuid, g.digest, g.domains, g.staged_keys, g.active_keys
  FROM generation_ack a
  JOIN generation g ON g.provider_id = a.provider_id AND g.relay_id = a.relay_id AND g.number = a.number
 ORDER BY a.provider_id, a.relay_id, a.id DESC;

-- Relays that do not hold a key yet: empty means that it may become active.
CREATE FUNCTION relays_without_key(p_provider bigint, p_key bigint) RETURNS text[]
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(array_agg(r.name::text ORDER BY r.name), '{}')
      FROM relay r
     WHERE r.provider_id = p_provider AND r.retired_at IS NULL
       AND NOT EXISTS (SELECT FROM relay_running g
                        WHERE g.provider_id = r.provider_id AND g.relay_id = r.id AND p_key = ANY (g.staged_keys))
$$;

-- Relays that sign with a key, or may: what was made for them since their last
-- word could be running without our knowing.
CREATE FUNCTION relays_signing_with_key(p_provider bigint, p_key bigint) RETURNS text[]
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(array_agg(r.name::text ORDER BY r.name), '{}')
      FROM relay r
     WHERE r.provider_id = p_provider AND r.retired_at IS NULL
       AND EXISTS (SELECT FROM generation g
                    WHERE g.provider_id = r.provider_id AND g.relay_id = r.id AND p_key = ANY (g.active_keys)
                      AND g.number >= coalesce((SELECT x.number FROM relay_running x
                                                 WHERE x.provider_id = r.provider_id AND x.relay_id = r.id), 0))
$$;

-- The moment at which the last relay said that it no longer signs with a key;
-- NULL while one still does.  A relay that never signed with it ended at once.
CREATE FUNCTION key_signing_ended(p_provider bigint, p_key bigint) RETURNS timestamptz
LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN relays_signing_with_key(p_provider, p_key) = '{}'
                THEN (SELECT max(g.at) FROM relay_running g JOIN relay r ON r.provider_id = g.provider_id AND r.id = g.relay_id
                       WHERE g.provider_id = p_provider AND r.retired_at IS NULL) END
$$;
GRANT EXECUTE ON FUNCTION relays_without_key(bigint, bigint), relays_signing_with_key(bigint, bigint),
                          key_signing_ended(bigint, bigint) TO PUBLIC;

-- Each sender domain as relays see it: its active keys, its way out, and, when
-- it may not be served, the word that says why.
--   withheld  NULL: served.  Else a word with a sentence in core/export.
--   unproved  the only fault is that it is not verified: --include-unverified may overrule it
--   lacking   what exactly
CREATE VIEW export_domain WITH (security_invoker = true) AS
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
                        FILTER (WHERE x.settled IS NULL OR x.settled NOT IN ('match', 'waived')) AS lacking
               FROM verdict x
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

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['generation', 'generation_ack'] LOOP
        CALL allow('manager', 'SELECT', t);
        CALL allow('operator', 'INSERT', t);
        CALL allow('exporter', 'SELECT, INSERT', t);
        CALL allow('keyd', 'SELECT', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['relay_running', 'export_domain'] LOOP
        CALL allow('manager', 'SELECT', t);
        CALL allow('exporter', 'SELECT', t);
    END LOOP;
END
$$;
