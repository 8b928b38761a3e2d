-- keyd_pool_age: keys that waited too long are not used any more
-- in:  $1 days
-- out:
DELETE FROM pool_key WHERE created_at < clock_timestamp() - make_interval(days => $1::int)
