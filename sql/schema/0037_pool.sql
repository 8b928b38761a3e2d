-- 0037_pool: keys made ahead are taken one by one by whoever needs one, and go
-- away when they get old.

-- FOR UPDATE SKIP LOCKED wants the right to update.
CALL allow('keyd', 'UPDATE (kek_id, sealed)', 'pool_key');
CREATE INDEX pool_key_next ON pool_key (provider_id, algorithm, bits, id);
