-- migration_record: note that a migration was applied
-- in:  $1 name text, $2 text of the migration
-- out:
INSERT INTO senderctl.migration (name, checksum)
VALUES ($1, encode(sha256(convert_to($2, 'UTF8')), 'hex'));
