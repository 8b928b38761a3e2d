# shellcheck shell=bash
# house -- what a flow test needs: a private house, TAP, and a clean end.
#
#	. "$top_srcdir/tests/lib/house.sh"
#	house_up                                # private database and key service
#	run senderctl client list --json        # sets $status, $output, $complaint
#	is "nobody is registered" "$output" "[]"
#	status_is "and all is well" 0
#	finish
#
# $HOUSE is this test's own folder (0755, so that system users may pass);
# SENDERCTL_STATE and the configuration $HOUSE/senderctl.conf lie in it.
# Everything that was started is ended by its process id when the test ends.

set -u
: "${top_srcdir:?}" "${top_builddir:?}"
unset SENDERCTL_CONFIG XDG_DATA_HOME XDG_CONFIG_HOME PGHOST PGUSER PGDATABASE PGPORT PGSERVICE
export LC_ALL=C.UTF-8 LANGUAGE=en NO_COLOR=1 PYTHONDONTWRITEBYTECODE=1
export PATH="$top_builddir:$PATH"

HOUSE=$(mktemp -d "${TMPDIR:-/tmp}/house.XXXXXX") || exit 99
chmod 755 "$HOUSE"
export HOUSE HOME="$HOUSE" SENDERCTL_STATE="$HOUSE/state" SENDERCTL_CONFIG="$HOUSE/senderctl.conf"
: > "$SENDERCTL_CONFIG"

house_tests=0 house_failed=0 house_pids=() house_closing=()

house_close() {
	local pid
	trap - EXIT
	for pid in "${house_closing[@]}"; do eval "$pid"; done
	for pid in "${house_pids[@]}"; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	[ -d "$SENDERCTL_STATE" ] && senderctl down > /dev/null 2>&1
	if [ -n "${KEEP_HOUSE:-}" ]; then echo "# kept $HOUSE"; else rm -rf "$HOUSE"; fi
}
trap house_close EXIT
trap 'exit 1' INT TERM HUP

# What must happen at the end, whatever happens before.
at_end() { house_closing+=("$*"); }

house_up() {
	run senderctl up
	[ "$status" = 0 ] && return
	bail "senderctl up: $complaint"
}

# A free TCP and UDP port of 127.0.0.1.
free_port() {
	python3 - <<-'END'
	import socket
	while True:
	    t = socket.socket(); t.bind(("127.0.0.1", 0)); port = t.getsockname()[1]
	    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	    try: u.bind(("127.0.0.1", port))
	    except OSError: continue
	    print(port); break
	END
}

# Start a server; its output goes to $HOUSE/NAME.log.  background NAME COMMAND...
background() {
	local name=$1; shift
	"$@" > "$HOUSE/$name.log" 2>&1 < /dev/null &
	house_pids+=($!)
}

# until_true SECONDS COMMAND...
until_true() {
	local end=$((SECONDS + $1)); shift
	until "$@" > /dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# Name servers on loopback that say what $HOUSE/world.json says; $port is theirs.
names_up() {
	background dnsd python3 "$top_srcdir/tests/lib/dnsd.py" "$HOUSE/world.json" "$HOUSE/port"
	until_true 20 test -s "$HOUSE/port" || bail "the DNS server does not start"
	# shellcheck disable=SC2034
	read -r port _ < "$HOUSE/port"
}

# world_is COMMAND...: what it prints is what they say, from now on.
world_is() {
	"$@" > "$HOUSE/world.json.new" && mv "$HOUSE/world.json.new" "$HOUSE/world.json"
	[ ! -s "$HOUSE/port" ] || until_true 20 served
}

# Do they say what stands there now?  After a change: until_true 20 served
served() {
	python3 -c 'import os,sys; sys.exit(open(sys.argv[2]).read().split()[1] != str(os.stat(sys.argv[1]).st_mtime_ns))' \
		"$HOUSE/world.json" "$HOUSE/port"
}

# An authority, and certificates of it: $HOUSE/NAME.pem, $HOUSE/NAME.key.
authority() { # authority NAME
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$HOUSE/$1.key" -out "$HOUSE/$1.pem" -days 30 -subj "/CN=$1 authority" 2> /dev/null
}
certificate() { # certificate NAME HOST [CA [BEGIN END]]
	mkdir -p "$HOUSE/ca"
	openssl req -newkey rsa:2048 -nodes -keyout "$HOUSE/$1.key" -out "$HOUSE/$1.csr" -subj "/CN=$2" 2> /dev/null
	printf '%s\n' '[ca]' 'default_ca=c' '[c]' "database=$HOUSE/ca/index" "serial=$HOUSE/ca/serial" "new_certs_dir=$HOUSE/ca" \
		default_md=sha256 policy=p '[p]' commonName=supplied '[x]' "subjectAltName=DNS:$2" > "$HOUSE/ca/conf"
	: > "$HOUSE/ca/index"
	openssl rand -hex 8 > "$HOUSE/ca/serial"
	openssl ca -batch -notext -config "$HOUSE/ca/conf" -extensions x -cert "$HOUSE/${3:-ca}.pem" -keyfile "$HOUSE/${3:-ca}.key" \
		-startdate "${4:-20260101000000Z}" -enddate "${5:-20991231000000Z}" -in "$HOUSE/$1.csr" -out "$HOUSE/$1.pem" 2> "$HOUSE/ca/log" ||
		bail "$(cat "$HOUSE/ca/log")"
}

# The key service of house_up: "${as_keyd[@]}" COMMAND as its user, its process, the key that it signs with.
as_keyd=(env)
# shellcheck disable=SC2034
[ "$(id -u)" != 0 ] || as_keyd=(setpriv --reuid=senderkeyd --regid=senderkeyd --clear-groups)
keyd_pid() { awk 'NR == 1 { print $1 }' "$SENDERCTL_STATE/run/senderkeyd.pid"; }
signing_key() {
	python3 - "$SENDERCTL_STATE/run/keys/socket" <<-'END'
	import json, socket, sys
	s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1])
	s.send(b'{"op":"status","n":1}'); print(json.loads(s.recv(65536))['signing_key'])
	END
}

# A line of SQL as the superuser of the embedded cluster, to look behind the curtain.
look() {
	psql -XAtq -h "$SENDERCTL_STATE/run/db" -U senderctl_admin senderctl \
		-c "SET search_path = senderctl" -c "$1"
}

# ------------------------------------------------------------------- TAP

run() {
	output=$("$@" 2> "$HOUSE/complaint"); status=$?
	complaint=$(cat "$HOUSE/complaint")
}

# tell RESULT NAME: what pass and fail print.
tell() {
	house_tests=$((house_tests + 1))
	if [ "$1" = 0 ]; then echo "ok $house_tests - $2"; return 0; fi
	house_failed=$((house_failed + 1))
	echo "not ok $house_tests - $2"
	return 1
}
note() { printf '%s\n' "$*" | sed 's/^/# /'; }

# ok NAME COMMAND...
ok() {
	local name=$1; shift
	"$@" > "$HOUSE/ok.log" 2>&1
	tell $? "$name" || note "$(tail -n 20 "$HOUSE/ok.log")"
}

# is NAME GOT EXPECTED
is() {
	[ "$2" = "$3" ]
	tell $? "$1" || { note "got:      $2"; note "expected: $3"; }
}

# has NAME TEXT PART: PART stands in TEXT, as it is
has() {
	case $2 in *"$3"*) tell 0 "$1" ;; *) tell 1 "$1"; note "not in it: $3"; note "$2" ;; esac
}
has_not() {
	case $2 in *"$3"*) tell 1 "$1"; note "in it: $3"; note "$2" ;; *) tell 0 "$1" ;; esac
}

# like NAME TEXT REGEX (extended)
like() {
	[[ $2 =~ $3 ]]
	tell $? "$1" || { note "does not match $3"; note "$2"; }
}

# status_is NAME NUMBER: of the last run
status_is() {
	[ "$status" = "$2" ]
	tell $? "$1" || { note "status $status instead of $2"; note "$output"; note "$complaint"; }
}

# refused NAME STATUS PART COMMAND...: ends with that status, and says so in one
# sentence with a hint, and nothing on standard output
refused() {
	local name=$1 wanted=$2 part=$3; shift 3
	run "$@"
	local good=1
	[ "$status" = "$wanted" ] && [[ $complaint == "senderctl: "* ]] && [ -z "$output" ] \
		&& [[ $complaint == *"$part"* ]] && good=0
	tell $good "$name" || { note "status $status"; note "$output"; note "$complaint"; }
}

# field JSON PATH: one value, by python ("[0].name")
field() {
	python3 -c 'import json,sys; print(eval("json.loads(sys.argv[1])" + sys.argv[2]))' "$1" "$2"
}

skip() {
	house_tests=$((house_tests + 1))
	echo "ok $house_tests - $1 # SKIP $2"
}
skip_all() { echo "1..0 # SKIP $*"; exit 0; }
bail() { echo "Bail out! $*"; exit 1; }
finish() {
	echo "1..$house_tests"
	exit $((house_failed > 0))
}
