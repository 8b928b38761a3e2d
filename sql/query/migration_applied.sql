-- migration_applied: what has been applied so far
-- in:
-- out: name, checksum, applied_at
SELECT name, checksum, applied_at
  FROM senderctl.migration
 ORDER BY name;
