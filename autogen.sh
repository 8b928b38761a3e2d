#!/bin/sh
# Make ./configure.
set -e
cd "$(dirname "$0")"

# One query is one file, one migration is one file: the lists are the folders.
list() { # list VARIABLE FOLDER ENDING
	printf '%s =' "$1"
	LC_ALL=C ls "$2"/[0-9a-z]*".$3" | while read -r file; do printf ' \\\n\t%s' "$file"; done
	echo
}
list STATEMENTS sql/query sql > sql/query/statements.mk
list MIGRATIONS sql/schema sql > sql/schema/migrations.mk
list DECISIONS doc/decisions md > doc/decisions/list.mk
list FLOW_TESTS tests/flow sh > tests/flow/list.mk

autoreconf --force --install --warnings=all

# Autoconf tidies away crash dumps named "core"; ours is a room of the house,
# so we teach the generated script to leave it alone.
sed -e 's/rm -f core \*\.core/rm -f *.core/' -e 's/rm -f core conftest/rm -f conftest/' \
	configure > configure.tmp
cat configure.tmp > configure
rm configure.tmp
