#!/bin/sh
# inside: run a program in a network, process and mount namespace of its own.
# What it starts can reach nobody, nobody can reach it, and it ends with it.
if [ "$(id -u)" != 0 ] || ! unshare --net --mount --pid --fork true 2>/dev/null; then
	echo "1..0 # SKIP needs root and namespaces (unshare --net --mount --pid)"
	exit 0
fi
exec unshare --net --mount --pid --fork --mount-proc --kill-child -- "$@"
