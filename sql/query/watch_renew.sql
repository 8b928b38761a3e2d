-- watch_renew: I live: what I hold stays mine for another lease
-- in:  $1 claim uuid, $2 lease in seconds
-- out:
UPDATE watch SET claimed_until = now() + make_interval(secs => $2::double precision)
 WHERE claimed_by = $1::uuid AND claimed_until IS NOT NULL;
