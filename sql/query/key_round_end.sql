-- key_round_end: another monitor may
-- in:
-- out: given_back
SELECT pg_advisory_unlock(hashtext('senderctl.key_round')) AS given_back
