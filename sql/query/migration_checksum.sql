-- migration_checksum: the checksum of a migration's text, as it is recorded
-- in:  $1 text of the migration
-- out: checksum
SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex') AS checksum;
