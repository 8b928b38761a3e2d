#!/bin/bash
# Are the manual pages sound, and do they name what there is to name?
cd "${top_srcdir:-.}" || exit 1
count=0 bad=0
tell() { # tell STATUS NAME
	count=$((count + 1))
	[ "$1" = 0 ] || { bad=1; printf 'not '; }
	echo "ok $count - $2"
}

for page in "$top_builddir"/doc/man/*.[1-8]; do
	if command -v mandoc > /dev/null; then
		# scdoc leaves the date's form and long lines to the reader's program.
		found=$(mandoc -Tlint -Wwarning "$page" 2>&1 | grep -v 'missing date')
		[ -z "$found" ]
		tell $? "${page##*/} is clean" || true
		[ -z "$found" ] || printf '%s\n' "$found" | sed 's/^/# /'
	else
		count=$((count + 1))
		echo "ok $count - ${page##*/} # SKIP mandoc is missing"
	fi
done

sed -n 's/^\tROW(\(NULL\|"\([a-z]*\)"\), "\([a-z_]*\)",.*/\2 \3/p' core/base/conf.c |
	{ while read -r section option; do
		[ -n "$option" ] || { option=$section section=; }
		if [ -n "$section" ]; then want="*$section* { *$option* = "; else want="*$option* = "; fi
		grep -qF "$want" doc/man/senderctl.conf.5.scd || echo "$want"
	done; } > "$top_builddir/manual.missing"
[ ! -s "$top_builddir/manual.missing" ]
tell $? "senderctl.conf(5) has every option"
sed 's/^/# missing: /' "$top_builddir/manual.missing"
rm -f "$top_builddir/manual.missing"
echo "1..$count"
exit $bad
