-- 0009_witness: who did something, and when, is what the database saw.
--
-- A person with psql could name somebody else as the author of an event, a
-- sheet or a waiver.  People may fill the columns that are theirs to say; author
-- and moment come from the defaults.  (The key service names whom it serves.)
DO $$
DECLARE
    t record;
    who text;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('event', 'provider_id, client_id, subject, what, why, detail'),
        ('waiver', 'provider_id, domain_id, purpose, reason'),
        ('report', 'provider_id, client_id, domain_id, note'),
        ('sheet', 'provider_id, client_id, number, language, model, digest'),
        ('generation', 'provider_id, relay_id, number, digest, snapshot_at, senders, domains, '
                       'staged_keys, active_keys'),
        ('generation_ack', 'provider_id, relay_id, number')) AS v (name, columns)
    LOOP
        FOREACH who IN ARRAY ARRAY[role('manager'), role('operator'), role('exporter')] LOOP
            CONTINUE WHEN NOT has_table_privilege(who, format('senderctl.%I', t.name), 'INSERT');
            EXECUTE format('REVOKE INSERT ON senderctl.%I FROM %I', t.name, who);
            EXECUTE format('GRANT INSERT (%s) ON senderctl.%I TO %I', t.columns, t.name, who);
        END LOOP;
    END LOOP;
    -- a waiver ends; its reason does not become another one
    EXECUTE format('REVOKE UPDATE ON senderctl.waiver FROM %I', role('manager'));
    EXECUTE format('GRANT UPDATE (ended_at) ON senderctl.waiver TO %I', role('manager'));
END
$$;
