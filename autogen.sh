#!/bin/sh
# Make ./configure.
set -e
cd "$(dirname "$0")"

# One query is one file, one migration is one file: the lists are the folders.
list() { # list VARIABLE FOLDER
	printf '%s =' "$1"
	LC_ALL=C ls "$2"/[0-9a-z]*.[sm][qd]* | while read -r file; do printf ' \\\n\t%s' "$file"; done
	echo
}
list STATEMENTS sql/query > sql/query/statements.mk
list MIGRATIONS sql/schema > sql/schema/migrations.mk
list DECISIONS doc/decisions > doc/decisions/list.mk

autoreconf --force --install --warnings=all

# Autoconf tidies away crash dumps named "core"; ours is a room of the house,
# so we teach the generated script to leave it alone.
sed -e 's/rm -f core \*\.core/rm -f *.core/' -e 's/rm -f core conftest/rm -f conftest/' \
	configure > configure.tmp
cat configure.tmp > configure
rm configure.tmp
