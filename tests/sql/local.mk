# tests/sql: do statements, rights and migrations hold on a real server?
SQL_TESTS = %D%/generations.sh %D%/statements.sh %D%/rights.sh %D%/migrations.sh %D%/watch.sh
dist_check_SCRIPTS += $(SQL_TESTS)
TESTS += $(SQL_TESTS)
