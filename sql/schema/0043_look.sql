-- 0043_look: to keep a look costs a third of what it cost.
--
-- Row-level security asks for my_providers() at every scan of every table, some
-- sixty times for one look, and each time all roles of the cluster were read.  A
-- transaction that is about one provider may say so: then only that membership is
-- asked for.  It cannot gain anything by it: a provider that is named and not mine
-- is none, and of mine only the named one is seen.

CREATE OR REPLACE FUNCTION my_providers() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('senderctl.provider', true) <> '' THEN
        RETURN CASE WHEN pg_has_role(to_regrole(senderctl.role('prov_' || current_setting('senderctl.provider', true))), 'MEMBER')
                    THEN ARRAY[current_setting('senderctl.provider', true)::bigint] ELSE '{}' END;
    END IF;
    RETURN (SELECT coalesce(array_agg(substr(rolname, length(senderctl.role('prov_')) + 1)::bigint), '{}')
              FROM pg_roles
             WHERE rolname ^@ senderctl.role('prov_')
               AND pg_has_role(current_user, oid, 'MEMBER'));
END
$$;

-- The opinions about one domain and what they rest on, together: observations in
-- the order of the verdicts, so many for each; p_of says whose each is.  What counts differently now stands
-- in the history, and what is no longer required is forgotten.
CREATE FUNCTION look_put(p_provider bigint, p_domain bigint, p_began timestamptz,
                         p_purposes text[], p_names text[], p_types text[], p_required boolean[], p_told boolean[],
                         p_states text[], p_negative_ttls int[], p_expected text[], p_found text[], p_explanations text[],
                         p_expires text[], p_counts int[],
                         p_of int[], p_servers text[], p_ttls bigint[], p_rcodes text[], p_ads boolean[], p_answers bytea[])
    RETURNS boolean[]
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_ids       bigint[];
    v_confirmed boolean[];
BEGIN
    PERFORM set_config('senderctl.provider', p_provider::text, true);

    WITH kept AS (
        INSERT INTO observation (provider_id, domain_id, purpose, name, server, ttl, rcode, ad, answer)
        SELECT p_provider, p_domain, p_purposes[o.verdict], p_names[o.verdict], o.server, nullif(o.ttl, -1), o.rcode, o.ad,
               nullif(o.answer, '')
          FROM unnest(p_of, p_servers, p_ttls, p_rcodes, p_ads, p_answers)
               WITH ORDINALITY AS o (verdict, server, ttl, rcode, ad, answer, place)
         ORDER BY o.place
        RETURNING id)
    SELECT array_agg(id ORDER BY id) INTO v_ids FROM kept;

    WITH said AS (
        SELECT *, sum(count) OVER (ORDER BY place) AS last
          FROM unnest(p_purposes, p_names, p_types, p_required, p_told, p_states, p_negative_ttls, p_expected, p_found,
                      p_explanations, p_expires, p_counts)
               WITH ORDINALITY AS s (purpose, name, type, required, told, state, negative_ttl, expected, found,
                                     explanation, expires_at, count, place)),
    put AS (
        INSERT INTO verdict (provider_id, domain_id, purpose, name, type, required, told, state, negative_ttl,
                             expected, found, explanation, expires_at, looked_at, observations)
        SELECT p_provider, p_domain, purpose, name, type, required, told, state, negative_ttl,
               expected, found, explanation, nullif(expires_at, '')::timestamptz, p_began, coalesce(v_ids[last - count + 1:last], '{}')
          FROM said ORDER BY place
        ON CONFLICT (provider_id, domain_id, purpose, name, type) DO UPDATE
           SET required = excluded.required, told = excluded.told, state = excluded.state,
               negative_ttl = excluded.negative_ttl, expected = excluded.expected, found = excluded.found,
               explanation = excluded.explanation, expires_at = excluded.expires_at, looked_at = excluded.looked_at,
               observations = excluded.observations
        RETURNING purpose, name, type, confirmed, settled IS NOT NULL AND settled_since = now() AS changed),
    noted AS (
        INSERT INTO event (provider_id, client_id, subject, what, detail)
        SELECT d.provider_id, d.client_id, d.name, 'verdict.change',
               jsonb_build_object('purpose', p.purpose, 'name', p.name, 'type', p.type, 'state', s.state)
          FROM said s JOIN put p USING (purpose, name, type)
          JOIN domain d ON d.provider_id = p_provider AND d.id = p_domain
         WHERE p.changed ORDER BY s.place)
    SELECT array_agg(p.confirmed ORDER BY s.place) INTO v_confirmed FROM said s JOIN put p USING (purpose, name, type);

    DELETE FROM verdict WHERE provider_id = p_provider AND domain_id = p_domain AND checked_at < now();
    PERFORM set_config('senderctl.provider', '', true);
    RETURN v_confirmed;
END
$$;
CALL allow_call('manager', 'look_put(bigint, bigint, timestamptz, text[], text[], text[], boolean[], boolean[], text[], int[], text[], text[], text[], text[], int[], int[], text[], bigint[], text[], boolean[], bytea[])');

-- Is there anything that change_note() could note?  It asks less than that does,
-- and of almost all looks the answer is no.
CREATE FUNCTION change_may_be(f watch_facts) RETURNS boolean
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
DECLARE
    v_report report;
BEGIN
    IF f.reported_at IS NOT NULL THEN
        SELECT * INTO v_report FROM report
         WHERE provider_id = f.provider_id AND domain_id = f.domain_id ORDER BY id DESC LIMIT 1;
    END IF;
    RETURN f.open = 0 AND NOT EXISTS (
               SELECT FROM change c
                WHERE c.provider_id = f.provider_id AND c.domain_id = f.domain_id AND c.kind = 'verified' AND c.name = ''
                  AND c.occasion = coalesce('report ' || v_report.id, 'first'))
        OR f.open > 0 AND v_report.at + interval '72 hours' <= now()
        OR f.degrades_at <= now()
        OR EXISTS (SELECT FROM verdict w
                    WHERE w.provider_id = f.provider_id AND w.domain_id = f.domain_id
                      AND w.expires_at <= now() + interval '30 days')
        OR EXISTS (SELECT FROM dkim_key k JOIN provider p ON p.provider_id = k.provider_id
                    WHERE k.provider_id = f.provider_id AND k.domain_id = f.domain_id
                      AND k.retiring_at IS NULL AND k.revoked_at IS NULL
                      AND (k.active_at + p.warn_after <= now() OR k.rotate_at <= now()));
END
$$;
CALL allow_call('manager', 'change_may_be(watch_facts)');

-- As in 0016, but what is known of the domain is asked for once.
CREATE OR REPLACE FUNCTION watch_finish(p_provider bigint, p_domain bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
DECLARE
    f          watch_facts;
    v_too_old  timestamptz;
BEGIN
    PERFORM set_config('senderctl.provider', p_provider::text, true);
    SELECT * INTO f FROM watch_facts WHERE provider_id = p_provider AND domain_id = p_domain;
    IF change_may_be(f) THEN
        PERFORM change_note(p_provider, p_domain);
    END IF;

    f.attempt := CASE WHEN f.unsure THEN least(f.attempt + 1, 1000) ELSE 0 END;
    UPDATE watch w
       SET finished_at = now(), looks = w.looks + 1, unsure_looks = w.unsure_looks + coalesce(f.unsure, false)::int,
           attempt = f.attempt, due_at = (SELECT n.due_at FROM watch_next(f, now()) n)
     WHERE w.provider_id = p_provider AND w.domain_id = p_domain;

    SELECT now() - p.keep_observations INTO v_too_old FROM provider p WHERE p.provider_id = p_provider;
    DELETE FROM observation o
     WHERE o.provider_id = p_provider AND o.domain_id = p_domain AND o.at < v_too_old
       AND NOT EXISTS (SELECT FROM verdict v WHERE v.provider_id = o.provider_id AND v.domain_id = o.domain_id
                          AND o.id = ANY (v.observations));
    PERFORM set_config('senderctl.provider', '', true);
END
$$;
