-- embedded_person_known: may this person work here as all three?
-- in:  $1 person text
-- out: known
SELECT count(*) = 3 AS known
  FROM pg_catalog.pg_roles AS person
  JOIN pg_catalog.pg_auth_members AS member ON member.member = person.oid
 WHERE person.rolname = $1
   AND member.roleid IN (to_regrole(role('manager')), to_regrole(role('operator')),
                         to_regrole(role('exporter')));
