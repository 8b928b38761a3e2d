#!/bin/bash
# Does every #include go in a direction that rooms.tab allows?
cd "${top_srcdir:-.}" || exit 1
find core keys sql cli tests -name '*.[ch]' | LC_ALL=C sort | xargs awk -v table=tests/lint/rooms.tab '
function room_of(path,   best, r) {
	best = ""
	for (r in allowed) if (index(path, r "/") == 1 && length(r) > length(best)) best = r
	return best
}
function says(text) { bad++; print "# " FILENAME ":" FNR ": " text }
BEGIN {
	while ((getline line < table) > 0) {
		if (line ~ /^#/ || line == "") continue
		n = split(line, w, " ")
		if (w[1] == "door") { door[w[2]] = line; continue }
		allowed[w[1]] = " " w[1] " "
		for (i = 2; i <= n; i++) allowed[w[1]] = allowed[w[1]] w[i] " "
	}
}
/^#include "/ {
	split($0, q, "\""); from = room_of(FILENAME); to = room_of(q[2])
	if (to != "" && index(allowed[from], " " to " ") == 0 && index(allowed[from], " " q[2] " ") == 0)
		says(from " may not look into " q[2])
}
/^#include </ {
	for (d in door) if (index($0, "<" d) > 0) {
		n = split(door[d], w, " "); fine = index(FILENAME, "tests/") == 1
		for (i = 3; i <= n; i++) if (index(FILENAME, w[i]) == 1) fine = 1
		if (!fine) says(d " has its own door")
	}
}
END { print (bad ? "not ok" : "ok") " 1 - no include goes against the house plan"; print "1..1"; exit bad > 0 }
'
