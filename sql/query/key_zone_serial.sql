-- key_zone_serial: the serial of a zone with this content; a new one when it changed
-- in:  $1 provider_id bigint, $2 name text, $3 digest text
-- out: serial, changed
WITH old AS (SELECT serial FROM key_zone WHERE provider_id = $1::bigint AND name = $2::text)
INSERT INTO key_zone AS z (provider_id, name, serial, digest)
VALUES ($1::bigint, $2::text, extract(epoch FROM clock_timestamp())::bigint, $3::text)
ON CONFLICT (provider_id, name) DO UPDATE
   SET serial = CASE WHEN z.digest = excluded.digest THEN z.serial ELSE greatest(z.serial + 1, excluded.serial) END,
       changed_at = CASE WHEN z.digest = excluded.digest THEN z.changed_at ELSE now() END,
       digest = excluded.digest
RETURNING serial, serial IS DISTINCT FROM (SELECT old.serial FROM old) AS changed
