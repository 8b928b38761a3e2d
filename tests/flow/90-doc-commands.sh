#!/bin/bash
# What the documents show is what the program does: every line "$ senderctl ..." in a ```console
# block is run, document by document, from top to bottom, in a house of its own.  A line may end in
# "# exit N"; without it 0 and 1 are fine.
. "$top_srcdir/tests/lib/house.sh"

lines_of() { # the commands of a document, "LINE:COMMAND"
	awk '/^```/ { inside = $0 == "```console"; next } inside && sub(/^\$ /, "") { print FNR ":" $0 }' "$1"
}

cp -r "$top_srcdir/doc" "$HOUSE/doc"
for document in "$top_srcdir"/README.md "$top_srcdir"/doc/*.md; do
	lines_of "$document" > "$HOUSE/lines"
	[ -s "$HOUSE/lines" ] || continue
	rm -rf "$SENDERCTL_STATE"
	while IFS= read -r line <&3; do
		command=${line#*:} wanted='0 or 1'
		[[ $command =~ \#\ exit\ ([0-9]) ]] && wanted=${BASH_REMATCH[1]}
		if [[ $command != senderctl* ]]; then
			skip "${document##*/}:$command" "not a command of ours"
			continue
		fi
		run env -C "$HOUSE" bash -c "${command%%# exit*}"
		[[ " $wanted " == *" $status "* ]]
		tell $? "${document##*/}:$line" || note "status $status; $complaint"
	done 3< "$HOUSE/lines"
	senderctl down > /dev/null 2>&1
done
finish
