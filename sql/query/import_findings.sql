-- import_findings: what the database has against the file, in its order
-- in:  $1 limit bigint
-- out: place, field, rule, name, other, whose, total
SELECT place, field, rule, name, other, whose, count(*) OVER () AS total
  FROM pg_temp.import_finding
 ORDER BY place, field, rule, name
 LIMIT $1;
