#!/bin/sh
# inside: run a program in a network, process and mount namespace of its own.
# What it starts can reach nobody, nobody can reach it, and it ends with it.
skip() {
	echo "1..0 # SKIP $*"
	exit 0
}
PATH=$PATH:/usr/sbin:/sbin
for tool in unshare ip ss nsd unbound ldns-signzone xgettext psql nft setpriv pgrep postfix postmap opendkim db5.3_load saslpasswd2 openssl perl diff; do
	command -v "$tool" > /dev/null || skip "there is no $tool: ./autogen.sh --install test"
done
/usr/bin/python3 -c 'import dkim, spf, dns' 2> /dev/null || skip "python3-dkim, python3-spf or python3-dnspython is missing"
perl -MMail::DKIM -e 1 2> /dev/null || skip "libmail-dkim-perl is missing"
if [ "$(id -u)" != 0 ] || ! unshare --net --mount --pid --fork true 2> /dev/null; then
	skip "needs root and namespaces (unshare --net --mount --pid)"
fi
exec unshare --net --mount --pid --fork --mount-proc --kill-child -- "$@"
