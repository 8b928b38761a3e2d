#!/bin/bash
# The database server dies while monitors and the key service work: a standby takes over, they go on by themselves,
# and each change is told once.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"
programs=$(pg_config --bindir 2> /dev/null)
[ -x "$programs/pg_basebackup" ] || skip_all "pg_basebackup is not installed"
if [ "$(id -u)" = 0 ]; then
	id postgres > /dev/null 2>&1 || skip_all "there is no user postgres"
	as_server() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
else
	as_server() { "$@"; }
fi

# Two servers that find each other by sockets in one folder; a is the first, b follows it.
mkdir "$HOUSE/pg" "$HOUSE/pg/socket"
[ "$(id -u)" != 0 ] || chown -R postgres "$HOUSE/pg"
chmod 755 "$HOUSE/pg/socket"
socket=$HOUSE/pg/socket
admin="host=$socket,$socket port=5501,5502 dbname=senderctl user=admin target_session_attrs=read-write"
export SOAK_ADMIN="$admin"
start() { as_server "$programs/pg_ctl" -s -w -t 60 -D "$HOUSE/pg/$1" -l "$HOUSE/pg/$1.log" start > /dev/null; }
# shellcheck disable=SC2317
stop_both() {
	as_server "$programs/pg_ctl" -s -D "$HOUSE/pg/b" -m immediate stop
	as_server "$programs/pg_ctl" -s -D "$HOUSE/pg/a" -m immediate stop
} 2> /dev/null
at_end stop_both
as_server "$programs/initdb" -D "$HOUSE/pg/a" -A trust -U admin > "$HOUSE/initdb.log" 2>&1 || bail "initdb: $(cat "$HOUSE/initdb.log")"
as_server tee -a "$HOUSE/pg/a/postgresql.conf" > /dev/null <<-END
	listen_addresses = ''
	unix_socket_directories = '$socket'
	port = 5501
	max_connections = 40
	shared_buffers = 32MB
	wal_keep_size = 64MB
END
start a || bail "the first server does not start"
psql -XAtq "host=$socket port=5501 dbname=postgres user=admin" -c "CREATE DATABASE senderctl"
as_server "$programs/pg_basebackup" -D "$HOUSE/pg/b" -R -c fast -d "host=$socket port=5501 user=admin application_name=b" \
	|| bail "no copy of the first server"
echo "port = 5502" | as_server tee -a "$HOUSE/pg/b/postgresql.conf" > /dev/null
start b || bail "the second server does not start"
# A commit counts when both have it: else what was told could be forgotten with the server.
psql -XAtq "host=$socket port=5501 dbname=postgres user=admin" -c "ALTER SYSTEM SET synchronous_standby_names = 'b'" \
	-c "SELECT pg_reload_conf()" > /dev/null

person=$(id -un)
run senderctl db init --connection "$admin" --user "$person"
status_is "a database with a standby is prepared" 0
keyd=$(psql -XAtq "$admin" -c "SELECT senderctl.role('keyd')")
mkdir -m 700 "$HOUSE/keys"
senderkeyd --init --master-key "$HOUSE/keys/master.key"
background keyd senderkeyd --master-key "$HOUSE/keys/master.key" --socket "$HOUSE/keys/socket" --allow-swap \
	--database "${admin/user=admin/user=$keyd}"
until_true 20 test -S "$HOUSE/keys/socket" || bail "senderkeyd: $(cat "$HOUSE/keyd.log")"
cat > "$HOUSE/settings" <<-END
	database { connection = "${admin/user=admin/user=$person}" }
	keys { socket = "$HOUSE/keys/socket" }
END
export SOAK_SETTINGS="$HOUSE/settings"
cp "$HOUSE/settings" "$SENDERCTL_CONFIG"

# The death of a server: no word to anybody, as when the power fails.  Then the other one is told to lead.
cat > "$HOUSE/take-over" <<END
#!/bin/bash
kill -9 \$(head -n 1 "$HOUSE/pg/a/postmaster.pid")
sleep 2
psql -XAtq "host=$socket port=5502 dbname=postgres user=admin" -c "SELECT pg_promote()" > /dev/null
psql -XAtq "host=$socket port=5502 dbname=postgres user=admin" -c "ALTER SYSTEM SET synchronous_standby_names = ''" \\
	-c "SELECT pg_reload_conf()" > /dev/null
END
chmod 755 "$HOUSE/take-over"
SOAK_DOMAINS=${SOAK_DOMAINS:-60} SOAK_SECONDS=${SOAK_SECONDS:-12} python3 "$top_srcdir/tests/soak/failover.py" "$HOUSE" > "$HOUSE/soak"
grep -v '^1\.\.' "$HOUSE/soak" | sed -E 's/^(not )?ok [0-9]+ - /\1ok - /' > "$HOUSE/told"
while IFS= read -r line; do
	case $line in
	"ok - "*) tell 0 "${line#ok - }" ;;
	"not ok - "*) tell 1 "${line#not ok - }" ;;
	*) printf '%s\n' "$line" ;;
	esac
done < "$HOUSE/told"
is "the story was told to its end" "$(tail -n 1 "$HOUSE/soak" | cut -c1-3)" "1.."

run senderctl key generate d000001.example
status_is "the key service makes keys on the new server" 0
like "both logs say what happened" "$(cat "$HOUSE"/monitor?.log)" "the database is there"
finish
