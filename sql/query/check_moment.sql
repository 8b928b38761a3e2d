-- check_moment: the moment so long ago, by the clock of those who keep looks
-- in:  $1 span interval
-- out: at
SELECT moment_text(now() - $1::interval) AS at
