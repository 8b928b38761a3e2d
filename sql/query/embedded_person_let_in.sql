-- embedded_person_let_in: the person at this machine is manager, operator and exporter
-- in:  $1 person text
-- out: manager, operator, exporter
SELECT user_grant($1, 'manager', NULL) AS manager,
       user_grant($1, 'operator', NULL) AS operator,
       user_grant($1, 'exporter', NULL) AS exporter;
