-- key_round_begin: one monitor at a time takes steps of keys; the lock goes with the connection
-- in:
-- out: mine
SELECT pg_try_advisory_lock(hashtext('senderctl.key_round')) AS mine
