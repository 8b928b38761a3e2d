-- facts_relays: the relays of a provider with their addresses
-- in:  $1 provider_id bigint
-- out: name, helo, addresses
SELECT r.name, r.helo,
       array(SELECT host(a.address) FROM relay_address a
              WHERE a.provider_id = r.provider_id AND a.relay_id = r.id
              ORDER BY family(a.address), a.address) AS addresses
  FROM relay r
 WHERE r.provider_id = $1 AND r.retired_at IS NULL
 ORDER BY r.name
