-- house_role: the name that a role of this database has in its cluster
-- in:  $1 what text: owner, manager, operator, exporter, keyd
-- out: role
SELECT senderctl.role($1) AS role;
