# embed.awk -- turn sql/query/*.sql and sql/schema/*.sql into C.
#   -v want=ids         enum constants, one per statement
#   -v want=rows        statement rows: name, parameter count, column list, text
#   -v want=migrations  migration rows: name, text
# A statement's first comment lines are its contract; the rest is the statement.

function stem(path) { sub(/.*\//, "", path); sub(/\.sql$/, "", path); return path }
function flush_row() {
	if (name == "") return
	if (want == "ids") printf "\tSTMT_%s,\n", toupper(name)
	else if (want == "migrations") printf "\t{ \"%s\",\n%s\t},\n", name, body
	else printf "\t[STMT_%s] = { \"%s\", %d, \"%s\",\n%s\t},\n", toupper(name), name, params, columns, body
}
FNR == 1 { flush_row(); name = stem(FILENAME); params = 0; columns = ""; body = "" }
want != "migrations" && /^-- in:/  { line = $0; while (match(line, /\$[0-9]+/)) { params++; line = substr(line, RSTART + RLENGTH) } wide = 1; next }
want != "migrations" && /^-- out:/ { columns = $0; sub(/^-- out: */, "", columns); gsub(/ /, "", columns); wide = 2; next }
want != "migrations" && /^--  / && wide == 1 { line = $0; while (match(line, /\$[0-9]+/)) { params++; line = substr(line, RSTART + RLENGTH) } next }
want != "migrations" && /^--  / && wide == 2 { line = $0; sub(/^--  */, "", line); gsub(/ /, "", line); columns = columns line; next }
want != "migrations" && /^--/      { wide = 0; next }
{
	wide = 0
	if (want != "migrations") sub(/;[ \t]*$/, "")
	gsub(/\\/, "&&"); gsub(/"/, "\\\""); body = body "\t  \"" $0 "\\n\"\n"
}
END { flush_row() }
