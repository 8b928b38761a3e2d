-- watch_give_back: all that I have taken and not looked at is free again
-- in:  $1 claim uuid
-- out:
UPDATE watch SET claimed_by = NULL, claimed_until = NULL WHERE claimed_by = $1::uuid;
