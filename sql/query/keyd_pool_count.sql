-- keyd_pool_count: how many keys wait
-- in:
-- out: waiting
SELECT count(*) AS waiting FROM pool_key
