-- embedded_database_known: is our database in this cluster?
-- in:
-- out: known
SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = 'senderctl') AS known;
