#!/bin/bash
# The host of the database vanishes without a word: no packet comes back, as when the power or a cable goes.  The monitor,
# the key service and commands notice within half a minute, and go on by themselves when it is back.  So does the server
# when it is we who vanish.
export PATH=$PATH:/usr/sbin:/sbin
if [ -z "${VANISHED_INSIDE:-}" ] && [ "$(id -u)" = 0 ] && unshare --net true 2> /dev/null; then
	VANISHED_INSIDE=1 exec unshare --net -- bash "$0" "$@"
fi
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99
[ -n "${VANISHED_INSIDE:-}" ] || skip_all "needs root and a network namespace (unshare --net)"
command -v nft > /dev/null && command -v ip > /dev/null || skip_all "nft or ip is not installed"
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"
programs=$(pg_config --bindir 2> /dev/null)
[ -x "$programs/initdb" ] || skip_all "PostgreSQL's programs are not installed"
id postgres > /dev/null 2>&1 || skip_all "there is no user postgres"
as_server() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }

mkdir "$HOUSE/pg"
chown postgres "$HOUSE/pg"
ip link set lo up || bail "no loopback here"
as_server "$programs/initdb" -D "$HOUSE/pg/a" -A trust -U admin > "$HOUSE/initdb.log" 2>&1 || bail "initdb: $(cat "$HOUSE/initdb.log")"
as_server tee -a "$HOUSE/pg/a/postgresql.conf" > /dev/null <<-END
	listen_addresses = '127.0.0.1'
	unix_socket_directories = '$HOUSE/pg'
	port = 5501
	shared_buffers = 32MB
	fsync = off
END
# shellcheck disable=SC2317
stop() { as_server "$programs/pg_ctl" -s -D "$HOUSE/pg/a" -m immediate stop; } 2> /dev/null
at_end stop
as_server "$programs/pg_ctl" -s -w -t 60 -D "$HOUSE/pg/a" -l "$HOUSE/pg/log" start > /dev/null || bail "the server does not start"
behind() { psql -XAtq "host=$HOUSE/pg port=5501 dbname=${2:-senderctl} user=admin" -c "$1"; }
behind "CREATE DATABASE senderctl" postgres
far="host=127.0.0.1 port=5501 dbname=senderctl"
run senderctl db init --connection "$far user=admin" --user "$(id -un)"
status_is "a database on another host" 0
keyd=$(behind "SELECT senderctl.role('keyd')")
mkdir -m 700 "$HOUSE/keys"
senderkeyd --init --master-key "$HOUSE/keys/master.key"
background keyd senderkeyd --master-key "$HOUSE/keys/master.key" --socket "$HOUSE/keys/socket" --allow-swap --database "$far user=$keyd"
until_true 20 test -S "$HOUSE/keys/socket" || bail "senderkeyd: $(cat "$HOUSE/keyd.log")"
cat > "$SENDERCTL_CONFIG" <<-END
	database { connection = "$far user=$(id -un)" }
	keys { socket = "$HOUSE/keys/socket" }
END
senderctl provider add lms --title lms --hosting-domain lms.vendor.example \
	--default-sender no@lms.vendor.example --spf-host _spf.lms.vendor.example > /dev/null
senderctl client add lms/acme --title Acme > /dev/null
senderctl login add lms/acme app > /dev/null
senderctl sender add lms/acme info@acme.example --mode relayed > /dev/null
run senderctl key generate acme.example
status_is "all works" 0
background monitor senderctl monitor
# Sessions that came over the network: of the monitor, of the key service.
sessions() { behind "SELECT count(*) FROM pg_stat_activity WHERE client_addr IS NOT NULL"; }
sessions_are() { [ "$(sessions)" = "$1" ]; }
until_true 20 sessions_are 2 || bail "$(sessions) sessions: $(cat "$HOUSE/monitor.log")"

note "no packet comes through"
nft -f - <<-END
	table inet wall {
		chain in { type filter hook input priority 0; tcp dport 5501 drop; tcp sport 5501 drop; }
	}
END
start=$SECONDS
# The key service is asked at once: it has a question under way.
python3 - "$HOUSE/keys/socket" > "$HOUSE/answer" 2>&1 <<-'END' &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.settimeout(60)
s.connect(sys.argv[1])
s.send(b'{"op":"status","n":1}')
print(s.recv(65536).decode())
END
asked=$!
run timeout 60 senderctl client list
status_is "a command ends with status 3" 3
ok "after a quarter of a minute" [ $((SECONDS - start)) -le 15 ]
has "in one sentence" "$complaint" "cannot reach the database"
ok "the monitor knows within half a minute" until_true 35 grep -q "connection to the database was lost" "$HOUSE/monitor.log"
note "after $((SECONDS - start)) s"
ok "so does the server: nobody's locks stay" until_true $((start + 40 - SECONDS)) sessions_are 0
note "after $((SECONDS - start)) s"
wait $asked
like "the key service ends its question, and says so" "$(cat "$HOUSE/answer")" '"database": ?false'
ok "within three quarters of a minute: its old connection, and a new one" [ $((SECONDS - start)) -le 45 ]

note "it is back"
nft delete table inet wall
ok "the monitor goes on" until_true 30 grep -q "the database is there" "$HOUSE/monitor.log"
run timeout 60 senderctl client list
status_is "commands work" 0
run timeout 60 senderctl sender add lms/acme info@other.example --mode relayed
run timeout 60 senderctl key generate other.example
status_is "and the key service" 0

note "who says otherwise is heard"
nft -f - <<-END
	table inet wall {
		chain in { type filter hook input priority 0; tcp dport 5501 drop; }
	}
END
start=$SECONDS
run timeout 60 env PGCONNECT_TIMEOUT=2 senderctl client list
ok "the environment" [ $((SECONDS - start)) -le 5 ]
start=$SECONDS
sed -i 's/dbname=senderctl/& connect_timeout=2/' "$SENDERCTL_CONFIG"
run timeout 60 senderctl client list
ok "the connection string" [ $((SECONDS - start)) -le 5 ]
nft delete table inet wall
finish
