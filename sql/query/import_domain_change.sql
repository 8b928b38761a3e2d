-- import_domain_change: the sender domains of which the file says something else
-- in:  $1 provider_id bigint
-- out:
UPDATE domain AS d
   SET mode = coalesce(i.said ->> 'mode', d.mode),
       smarthost_id = CASE WHEN i.said ? 'smarthost' THEN n.smarthost_id ELSE d.smarthost_id END,
       envelope_domain = nullif(coalesce(i.said ->> 'envelope_domain', d.envelope_domain), ''),
       dkim = coalesce((i.said ->> 'dkim')::boolean, d.dkim),
       dkim_publish = nullif(coalesce(i.said ->> 'dkim_publish', d.dkim_publish), '')
  FROM pg_temp.import_item AS i
  LEFT JOIN (SELECT s.id AS smarthost_id, c.name AS client, s.host || ':' || s.port AS name
               FROM smarthost AS s
               JOIN client AS c ON c.provider_id = $1 AND c.id = s.client_id
              WHERE s.provider_id = $1) AS n ON n.client = i.client AND n.name = i.said ->> 'smarthost'
 WHERE d.provider_id = $1 AND d.id = i.id AND i.noun = 'domain' AND i.verb = 'change';
