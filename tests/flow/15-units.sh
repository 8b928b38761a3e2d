#!/bin/bash
# The systemd units of the monitor and the key service: systemd accepts them, and they name what is installed.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh" || exit 99

units="$HOUSE/units"
mkdir "$units"
cp "$top_builddir"/doc/systemd/*.service "$top_srcdir/doc/systemd/senderctl-monitor.timer" "$units"
for unit in senderctl-monitor.service senderctl-monitor-once.service; do
	program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$units/$unit")
	like "$unit starts the installed program" "$program" '^/.*/senderctl$'
	# where it will be installed there is nothing yet
	sed -i "s|$program|$top_builddir/senderctl|" "$units/$unit"
	words=$(sed -n 's/^ExecStart=[^ ]*senderctl \(.*\)/\1/p' "$units/$unit")
	# shellcheck disable=SC2086
	ok "and the program knows \"$words\"" senderctl $words --help
	for option in NoNewPrivileges=yes ProtectSystem=strict PrivateTmp=yes; do
		ok "$unit: $option" grep -qx "$option" "$units/$unit"
	done
done
unit=senderkeyd.service
program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$units/$unit")
like "$unit starts the installed program" "$program" '^/.*/senderkeyd$'
sed -i "s|$program|$top_builddir/senderkeyd|" "$units/$unit"
for option in NoNewPrivileges=yes ProtectSystem=strict MemoryDenyWriteExecute=yes LimitCORE=0; do
	ok "$unit: $option" grep -qx "$option" "$units/$unit"
done
for word in $(grep -oE -- '--[a-z-]+' <(grep '^ExecStart' "$units/$unit") | sort -u); do
	ok "and the program knows $word" grep -qF -- "$word" <("$top_builddir/senderkeyd" --help)
done

if command -v systemd-analyze > /dev/null; then
	for unit in senderctl-monitor.service senderctl-monitor-once.service senderctl-monitor.timer senderkeyd.service; do
		run env SYSTEMD_UNIT_PATH="$units:/usr/lib/systemd/system:/lib/systemd/system" \
			systemd-analyze verify --man=no "$units/$unit"
		is "systemd accepts $unit" "$status $complaint" "0 "
	done
else
	skip "systemd accepts the units" "systemd-analyze is not installed"
fi
finish
