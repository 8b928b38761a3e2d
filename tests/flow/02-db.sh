#!/bin/bash
# Against a PostgreSQL that is not ours: db init, migrate, status, and a connection string.
. "$top_srcdir/tests/lib/house.sh"
house_up

socket=$SENDERCTL_STATE/run/db
master="host=$socket dbname=elsewhere user=senderctl_admin"
sql() { psql -XAtq "$master" -c "$1"; }
look 'CREATE DATABASE elsewhere' && look 'CREATE DATABASE untouched'

refused "migrate wants a database that was prepared" 4 "empty" senderctl db migrate --connection "$master"
has "and says which command does that" "$complaint" "senderctl db init"
run senderctl db init --connection "$master" --dry-run
status_is "init can be tried" 0
has "and tells what it would do" "$output" "would apply"
is "without doing it" "$(sql "SELECT to_regnamespace('senderctl') IS NULL")" t
run senderctl db init --connection "$master" --user alice
status_is "init prepares an empty database" 0
like "it names the role of the key service" "$output" 'sc_[0-9a-f]{8}_keyd'
is "and lets the person in, who is no superuser" \
	"$(sql "SELECT rolcanlogin AND NOT rolsuper AND NOT rolcreaterole FROM pg_roles WHERE rolname = 'alice'")" t
run senderctl db init --connection "$master" --user alice
has "a second time there is nothing to do" "$output" "nothing was changed"
run senderctl db migrate --connection "$master"
has "nor for migrate" "$output" "nothing was changed"
run senderctl db status --connection "host=$HOUSE/nowhere,$socket dbname=elsewhere user=senderctl_admin" --json
status_is "several hosts are tried in turn" 0
is "status counts what is missing" "$(field "$output" '["missing"]')" 0
is "two databases of one cluster have roles of their own" \
	"$(sql "SELECT count(*) FROM pg_roles WHERE rolname ~ '^sc_[0-9a-f]{8}_owner\$'")" 2

look 'CREATE ROLE builder LOGIN CREATEROLE' && look 'CREATE DATABASE plain OWNER builder'
printf 'sc "%s" builder\n' "$(id -un)" >> "$SENDERCTL_STATE/access/pg_ident.conf"
look 'SELECT pg_reload_conf()' > /dev/null
run senderctl db init --connection "host=$socket dbname=plain user=builder" --user benno
status_is "a role that may only create roles prepares a database, and lets the first person in" 0
is "who may work there as all three" "$(look "SELECT count(*) FROM pg_auth_members
	WHERE member = 'benno'::regrole")" 3

run bash -c 'for i in 1 2 3; do senderctl db init --connection "$0" > "$HOUSE/init.$i" 2>&1 & done; wait; cat "$HOUSE"/init.*' \
	"host=$socket dbname=untouched user=senderctl_admin"
is "three at once apply everything once" "$(grep -c '^applied' <<< "$output") $(grep -c 'nothing was changed' <<< "$output")" "1 2"

sql "INSERT INTO senderctl.migration (name, checksum) VALUES ('9999_future', 'x')"
refused "a database of a newer program is left alone" 4 "9999_future" senderctl db migrate --connection "$master"
sql "DELETE FROM senderctl.migration WHERE name = '9999_future'"
sql "UPDATE senderctl.migration SET checksum = 'x' WHERE name = '0001_registry'"
refused "history that was edited is refused" 4 "changed after" senderctl db migrate --connection "$master"

refused "no password on the command line" 2 "password" \
	senderctl db status --connection "host=db.vendor.example password=secret"
has_not "and it is not repeated" "$complaint" "secret"
refused "a server that is not there is 'could not tell'" 3 "cannot reach" \
	senderctl db status --connection "host=$HOUSE/nowhere"

echo "database { connection = \"$master\" }" > "$SENDERCTL_CONFIG"
run senderctl db status --json
is "the configuration's connection is used" "$(field "$output" '["user"]')" senderctl_admin
refused "the embedded environment is not for such a database" 4 "senderctl.conf" senderctl up
run senderctl user grant bob --role manager
status_is "a person can be let in there" 0
: > "$SENDERCTL_CONFIG"
run senderctl user list --json
has_not "a person let in there is nobody here" "$output" bob
finish
