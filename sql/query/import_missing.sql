-- import_missing: what lives and is not in the file; a site or smarthost that a
--      domain of the file stands on is not missing
-- in:  $1 provider_id bigint, $2 verb text: missing or retire
-- out:
INSERT INTO pg_temp.import_item (noun, verb, place, id, client, name, said)
SELECT x.noun, $2, NULL, x.id, c.name, x.name, '{}'
  FROM (SELECT 'client' AS noun, id, id AS client_id, name FROM client
         WHERE provider_id = $1 AND retired_at IS NULL
        UNION ALL
        SELECT 'site', s.id, s.client_id, s.url
          FROM site AS s
          LEFT JOIN pg_temp.import_item AS d ON d.noun = 'domain' AND d.name = s.host
         WHERE s.provider_id = $1 AND s.retired_at IS NULL AND d.name IS NULL
        UNION ALL
        SELECT 'smarthost', s.id, s.client_id, s.host || ':' || s.port
          FROM smarthost AS s
          LEFT JOIN (SELECT d.smarthost_id
                       FROM domain AS d
                       JOIN pg_temp.import_item AS i ON i.noun = 'domain' AND i.name = d.name
                      WHERE d.provider_id = $1 AND d.smarthost_id IS NOT NULL) AS used
               ON used.smarthost_id = s.id
         WHERE s.provider_id = $1 AND s.retired_at IS NULL AND used.smarthost_id IS NULL
        UNION ALL
        SELECT 'domain', id, client_id, name FROM domain
         WHERE provider_id = $1 AND retired_at IS NULL
        UNION ALL
        SELECT 'login', id, client_id, name FROM login
         WHERE provider_id = $1 AND retired_at IS NULL
        UNION ALL
        SELECT 'sender', s.id, s.client_id, s.address
          FROM sender AS s
          LEFT JOIN pg_temp.import_sender AS i ON i.address = s.address
         WHERE s.provider_id = $1 AND s.retired_at IS NULL AND i.address IS NULL) AS x
  JOIN client AS c ON c.provider_id = $1 AND c.id = x.client_id
  LEFT JOIN pg_temp.import_item AS i ON i.noun = x.noun AND i.client = c.name AND i.name = x.name
 WHERE i.name IS NULL;
