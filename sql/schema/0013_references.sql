-- 0013_references: what customers' records say of us, and where DMARC reports shall go.
--
-- An address or an include host that a customer still names must not be given
-- up: an include that leads nowhere is a permerror for all of the customer's
-- mail (RFC 7208 5.2), and an address of ours is soon somebody else's.

-- Does an SPF record name this include host, as include: or redirect=?
CREATE FUNCTION spf_names_host(record text, host text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
    SELECT record ~* ('(^|[[:space:]])([+?~-]?include:|redirect=)' || replace(host, '.', '\.')
                      || '\.?([[:space:]]|$)')
$$;

-- Does an SPF record name this very address, however it is spelt?  What stands
-- there is a stranger's text: what is no address is nobody's.
CREATE FUNCTION spf_names_address(record text, address inet) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = senderctl, pg_catalog, pg_temp
AS $$
DECLARE
    v_said text;
BEGIN
    FOR v_said IN SELECT m[1] FROM regexp_matches(record,
            '(?:^|[[:space:]])[+?~-]?ip[46]:([0-9a-f:.]{2,45})(?:/[0-9]+)?(?=[[:space:]]|$)', 'gi') m
    LOOP
        BEGIN
            IF v_said::inet = address THEN
                RETURN true;
            END IF;
        EXCEPTION WHEN invalid_text_representation THEN
            CONTINUE;
        END;
    END LOOP;
    RETURN false;
END
$$;
GRANT EXECUTE ON FUNCTION spf_names_host(text, text), spf_names_address(text, inet) TO PUBLIC;

-- The last SPF records that were seen for a provider's domains in use.
CREATE VIEW spf_seen WITH (security_invoker = true) AS
SELECT d.provider_id, d.id AS domain_id, d.name AS domain, d.mode, v.found AS record
  FROM domain d
  JOIN verdict v ON v.provider_id = d.provider_id AND v.domain_id = d.id
 WHERE d.retired_at IS NULL AND v.type = 'TXT' AND v.purpose IN ('spf', 'mailfrom')
   AND v.found ILIKE 'v=spf1%';
GRANT SELECT ON spf_seen TO PUBLIC;

-- Where aggregate reports shall go; NULL: nobody is asked for any.
ALTER TABLE provider ADD COLUMN dmarc_report mail_address;
