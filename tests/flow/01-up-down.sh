#!/bin/bash
# The embedded environment: made once, found again, and never broken.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh"
[ -x "$top_builddir/senderkeyd" ] || skip_all "senderkeyd is not built yet"

psql_ready() { look 'SELECT 1'; }
server_pid() { head -n 1 "$SENDERCTL_STATE/cluster/postmaster.pid"; }

refused "before up, a command says what to do" 3 "senderctl up" senderctl db status

eval "$(senderctl completion)"
completes() { # NAME EXPECTED WORD...
	COMP_WORDS=(senderctl "${@:3}") COMP_CWORD=$(($# - 2)) COMPREPLY=()
	_senderctl
	is "$1" "${COMPREPLY[*]}" "$2"
}
completes "bash completes a verb behind options" rotate --lang de key ro
completes "and the value of an option" "hosted relayed direct on-premises" sender add --mode ""
completes "and an option of just this command" "" export diff --out

run senderctl stauts
status_is "a mistyped command is wrong usage" 2
has "and the nearest one is named" "$complaint" "did you mean status?"
run senderctl client
has "a group alone is asked what to do" "$complaint" "what shall be done with"

run senderctl up
status_is "up makes everything" 0
has "it says what it made" "$output" "made a private PostgreSQL"
run senderctl up
status_is "up again is fine" 0
is "and changes nothing" "$output" "everything runs already; nothing was changed"
run senderctl up --json
is "nor does it in JSON" "$(field "$output" '["changed"]')" False
run senderctl db status --json
status_is "commands find the database without any configuration" 0
is "the schema is up to date" "$(field "$output" '["missing"]')" 0
run senderctl doctor
status_is "the doctor is content" 0

is "nobody but the named gets in" "$(stat -c %a "$SENDERCTL_STATE/cluster")" 700
is "the caller is no superuser" \
	"$(look "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = '$(id -un)'")" f

kill -KILL "$(server_pid)"
run senderctl db status
status_is "a killed server is 'could not tell'" 3
run senderctl up
status_is "up starts it again" 0
ok "and it answers" psql_ready

run senderctl down
status_is "down stops both" 0
ok "no socket is left" test ! -e "$SENDERCTL_STATE/run/db/.s.PGSQL.5432"
run senderctl down
is "down again changes nothing" "$output" "nothing runs; nothing was changed"

# What a crash leaves: a process number that belongs to somebody else now.
sleep 300 &
stranger=$!
printf '%s\n%s\n1\n5432\n%s\n\n1 1\nready\n' "$stranger" "$SENDERCTL_STATE/cluster" \
	"$SENDERCTL_STATE/run/db" > "$SENDERCTL_STATE/cluster/postmaster.pid"
printf '%s\n' "$stranger" > "$SENDERCTL_STATE/run/db/.s.PGSQL.5432.lock"
python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' \
	"$SENDERCTL_STATE/run/db/.s.PGSQL.5432"
run senderctl up
status_is "stale files and sockets do not stop it" 0
ok "the stranger lives" kill -0 "$stranger"
run senderctl down
ok "down does not touch strangers either" kill -0 "$stranger"
kill "$stranger"; wait "$stranger" 2> /dev/null

# Two at once, from nothing.
rm -rf "$SENDERCTL_STATE"
senderctl up --json > "$HOUSE/one" 2>&1 & one=$!
senderctl up --json > "$HOUSE/two" 2>&1 & two=$!
wait $one; a=$?
wait $two; b=$?
is "two at once both succeed" "$a $b" "0 0"
is "and one of them made the cluster" \
	"$(cat "$HOUSE/one" "$HOUSE/two" | grep -c '"cluster_made": true')" 1

senderctl down > /dev/null
cp "$SENDERCTL_STATE/cluster/PG_VERSION" "$HOUSE/version"
echo 9.6 > "$SENDERCTL_STATE/cluster/PG_VERSION"
refused "a cluster of another version is refused" 4 "PostgreSQL 9.6" senderctl up
has "with what to do" "$complaint" "hint: install postgresql-9.6"
cp "$HOUSE/version" "$SENDERCTL_STATE/cluster/PG_VERSION"
run senderctl up
status_is "and nothing was broken by the attempt" 0
senderctl down > /dev/null

mkdir "$HOUSE/halfway" && mkdir "$HOUSE/halfway/cluster.new" && : > "$HOUSE/halfway/cluster.new/x"
run env SENDERCTL_STATE="$HOUSE/halfway" senderctl up
status_is "a half-made cluster of a killed run is cleared away" 0
env SENDERCTL_STATE="$HOUSE/halfway" senderctl down > /dev/null

long=$HOUSE/$(printf 'x%.0s' {1..90})
refused "a folder too long for sockets is named" 2 "too long" env SENDERCTL_STATE="$long" senderctl up

if [ "$(id -u)" = 0 ] && mkdir "$HOUSE/tiny" && mount -t tmpfs -o size=8m,mode=755 none "$HOUSE/tiny" 2> /dev/null; then
	at_end "umount '$HOUSE/tiny'"
	refused "a full disk is named" 3 "disk is full" env SENDERCTL_STATE="$HOUSE/tiny" senderctl up
	ok "and nothing half made stays" test ! -e "$HOUSE/tiny/cluster" -a ! -e "$HOUSE/tiny/cluster.new"
else
	skip "a full disk is named" "cannot mount here"
fi

if [ "$(id -u)" = 0 ]; then
	mkdir "$HOUSE/shut" && chmod 700 "$HOUSE/shut"
	refused "a folder that system users may not enter is named" 3 "may not enter" \
		env SENDERCTL_STATE="$HOUSE/shut/state" senderctl up
else
	skip "a folder that system users may not enter is named" "not root"
fi

# The same for somebody who is not root: one user for all, said plainly.
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
	mkdir "$HOUSE/bin" && cp "$top_builddir/senderctl" "$top_builddir/senderkeyd" "$HOUSE/bin"
	mkdir "$HOUSE/theirs" && chown 65534:65534 "$HOUSE/theirs"
	theirs() {
		setpriv --reuid=65534 --regid=65534 --clear-groups env -u SENDERCTL_STATE -u SENDERCTL_CONFIG \
			HOME="$HOUSE/theirs" PATH="$HOUSE/bin:/usr/bin:/bin" "$@"
	}
	run theirs senderctl up
	status_is "an ordinary user gets an environment too" 0
	has "and hears what it does not protect against" "$output" "not against this user"
	ok "it lies in the user's own folder" test -d "$HOUSE/theirs/.local/share/senderctl/cluster"
	is "and is private" "$(stat -c %a "$HOUSE/theirs/.local/share/senderctl")" 700
	run theirs senderctl db status --json
	is "later commands find it" "$(field "$output" '["missing"]')" 0
	run theirs senderctl doctor
	status_is "the doctor finds nothing broken" 0
	run theirs senderctl down
	status_is "down stops it" 0
else
	skip "an ordinary user gets an environment too" "needs root and setpriv"
fi

echo 'embedded { state = relative }' > "$SENDERCTL_CONFIG"
refused "the configuration's faults have file and line" 2 "senderctl.conf:1: error:" senderctl up
finish
