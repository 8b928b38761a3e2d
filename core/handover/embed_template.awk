# embed_template.awk -- turn core/handover/templates/* into C rows: name, text.
function flush_row() { if (name != "") printf "\t{ \"%s\",\n%s\t},\n", name, body }
FNR == 1 { flush_row(); name = FILENAME; sub(/.*\//, "", name); body = "" }
{ gsub(/\\/, "&&"); gsub(/"/, "\\\""); body = body "\t  \"" $0 "\\n\"\n" }
END { flush_row() }
