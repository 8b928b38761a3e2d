#!/bin/bash
# A database is brought to this program's schema once, whole, by one at a time; files that ran are
# history, and a database of a younger program is left alone.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh"
house_up

socket=$SENDERCTL_STATE/run/db
admin() { psql -XAtq -h "$socket" -U senderctl_admin "$1" -c "$2"; }
conninfo() { echo "host=$socket user=senderctl_admin dbname=$1"; }
count=$(ls "$top_srcdir"/sql/schema/*.sql | wc -l)

admin postgres 'CREATE DATABASE fresh' && admin postgres 'CREATE DATABASE race'
refused "an empty database says what to do" 3 "" env SENDERCTL_CONFIG="$HOUSE/fresh.conf" bash -c \
	"echo 'database { connection = \"$(conninfo fresh)\" }' > $HOUSE/fresh.conf; senderctl client list"
has "with the command" "$complaint" "senderctl db init"
run senderctl db init --connection "$(conninfo fresh)" --json
status_is "db init prepares it" 0
is "with every file" "$(admin fresh 'SELECT count(*) FROM senderctl.migration')" "$count"
run senderctl db migrate --connection "$(conninfo fresh)"
status_is "again there is nothing to do" 0
run env SENDERCTL_CONFIG="$HOUSE/fresh.conf" senderctl db status --json
is "and status says so" "$(field "$output" '["missing"]')" 0

for i in 1 2; do
	senderctl db init --connection "$(conninfo race)" > "$HOUSE/race.$i" 2>&1 &
	race[i]=$!
done
wait "${race[1]}"; a=$?
wait "${race[2]}"; b=$?
is "two at once both succeed" "$a $b" "0 0"
is "and every file ran once" "$(admin race 'SELECT count(*) FROM senderctl.migration')" "$count"

admin fresh "UPDATE senderctl.migration SET checksum = 'other' WHERE name = '0003_handover'"
refused "a file that was edited after it ran is refused" 4 "migration 0003_handover was changed" \
	senderctl db migrate --connection "$(conninfo fresh)"
admin race "INSERT INTO senderctl.migration (name, checksum) VALUES ('9999_future', 'x')"
refused "a younger database is left alone" 4 "9999_future" \
	senderctl db migrate --connection "$(conninfo race)"
is "roles of two databases have different names" "$(admin fresh "SELECT senderctl.role('owner')" |
	grep -c "$(admin race "SELECT senderctl.role('owner')")")" 0
finish
