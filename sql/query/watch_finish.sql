-- watch_finish: a look at a domain is stored: note what changed, and when the next look is due
-- in:  $1 provider_id, $2 domain_id
-- out: watch_finish
SELECT watch_finish($1::bigint, $2::bigint);
