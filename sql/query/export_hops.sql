-- export_hops: the customers' servers that direct mail leaves through, each once
-- in:  $1 provider_id, $2 include those that are not verified
-- out: host, port, ca
SELECT DISTINCT d.host COLLATE "C" AS host, d.port, d.ca
  FROM export_domain d
 WHERE d.provider_id = $1::bigint
   AND d.mode = 'direct'
   AND (d.withheld IS NULL OR d.unproved AND $2::boolean)
 ORDER BY 1, 2;
