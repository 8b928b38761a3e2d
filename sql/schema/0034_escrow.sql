-- 0034_escrow: who vouches for an officer, and what officers were asked for.

-- Registered by one, confirmed by another; the MAC covers key, state, and who
-- registered it when, so that neither can be written into the table.
ALTER TABLE officer ADD COLUMN added_by text NOT NULL DEFAULT '';
ALTER TABLE officer ADD COLUMN added_uid bigint NOT NULL DEFAULT 0;
ALTER TABLE officer ADD COLUMN confirmed_at timestamptz;
ALTER TABLE officer ADD COLUMN confirmed_by text;
-- which master key made the MAC
ALTER TABLE officer ADD COLUMN mk_uuid uuid, ADD COLUMN mk_version int,
    ADD CONSTRAINT officer_master FOREIGN KEY (mk_uuid, mk_version) REFERENCES master_key;
CREATE INDEX officer_of_master ON officer (mk_uuid, mk_version);

-- Who left may come back, with another key.
ALTER TABLE officer DROP CONSTRAINT officer_name_once;
CREATE UNIQUE INDEX officer_name_once ON officer (provider_id, name) WHERE retired_at IS NULL;

-- What officers were asked for.  The key that their answers are sealed to is
-- sealed here until they have answered, and then gone.
CREATE TABLE escrow_request (
    provider_id bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    uuid        uuid NOT NULL,
    purpose     text NOT NULL CONSTRAINT escrow_request_purpose CHECK (purpose IN ('recover', 'drill', 'prove')),
    public_key  bytea NOT NULL CONSTRAINT escrow_request_public CHECK (octet_length(public_key) = 32),
    mk_uuid     uuid NOT NULL,
    mk_version  int NOT NULL,
    sealed      bytea NOT NULL,
    officers    bigint[] NOT NULL,          -- who was asked
    by_whom     text NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    not_after   timestamptz NOT NULL,
    done_at     timestamptz,
    PRIMARY KEY (provider_id, id),
    CONSTRAINT escrow_request_provider FOREIGN KEY (provider_id) REFERENCES provider,
    CONSTRAINT escrow_request_once UNIQUE (provider_id, uuid)
);
CALL protect('escrow_request');

CALL allow('keyd', 'SELECT, INSERT, UPDATE (sealed, done_at)', 'escrow_request');
CALL allow('keyd', 'UPDATE (mac, mk_uuid, mk_version, confirmed_at, confirmed_by)', 'officer');
CALL allow('manager', 'SELECT (added_by, confirmed_at, confirmed_by)', 'officer');

-- May this key leave our hands?  Under escrow_policy 'required' only when enough
-- officers could bring it back; but where the record is in our own zone (CNAME,
-- NS), a lost key costs nobody a visit to a panel: there we make a new one.
CREATE OR REPLACE FUNCTION dkim_key_escrowed(p_provider bigint, p_key bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
    SELECT p.escrow_policy <> 'required'
           OR EXISTS (SELECT FROM dkim_key k
                       WHERE k.provider_id = p_provider AND k.id = p_key AND k.publish <> 'txt')
           OR EXISTS (SELECT FROM dkim_secret s
                        JOIN kek ON kek.provider_id = s.provider_id AND kek.id = s.kek_id
                       WHERE s.provider_id = p_provider AND s.key_id = p_key
                         AND kek.escrow_complete_at IS NOT NULL)
      FROM provider p WHERE p.provider_id = p_provider
$$;
