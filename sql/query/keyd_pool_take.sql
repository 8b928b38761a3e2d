-- keyd_pool_take: the oldest key that waits and that nobody else is taking; it is in the pool no longer
-- in:  $1 provider_id, $2 algorithm, $3 bits
-- out: uuid, public_key, kek_id, sealed
-- (MATERIALIZED: a join would ask for the next one that is not locked again and again, and take them all)
WITH next AS MATERIALIZED (
    SELECT id FROM pool_key
     WHERE provider_id = $1::bigint AND algorithm = $2::text AND bits = $3::int
     ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
)
DELETE FROM pool_key p USING next
 WHERE p.provider_id = $1::bigint AND p.id = next.id
RETURNING p.uuid, p.public_key, p.kek_id, p.sealed
