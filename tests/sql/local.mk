# tests/sql: do the statements keep what their first lines promise?
dist_check_SCRIPTS += %D%/statements.sh
TESTS += %D%/statements.sh
