-- embedded_database_create: our database in the embedded cluster; not in a transaction
-- in:
-- out:
CREATE DATABASE senderctl ENCODING 'UTF8';
