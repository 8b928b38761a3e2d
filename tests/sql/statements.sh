#!/bin/bash
# Every statement of sql/query keeps the promise of its first lines: a real server parses it, takes
# as many parameters as "-- in:" lists, and answers with the columns of "-- out:", in that order.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh"
house_up

python3 - "$top_srcdir/sql/query" > "$HOUSE/all.sql" 2> "$HOUSE/promised" <<'END'
import pathlib, re, sys
files = sorted(pathlib.Path(sys.argv[1]).glob("*.sql"))
# the tables of an import are temporary: what makes them runs, and comes first
files.sort(key=lambda f: not f.stem.startswith("import_make_"))
print("SET search_path = senderctl, pg_catalog, pg_temp;")
for file in files:
    within, given, columns, body = "", set(), "", []
    for line in file.read_text().splitlines():
        if line.startswith("-- in:") or (within == "in" and line.startswith("--  ")):
            within = "in"
            given |= set(re.findall(r"\$\d+", line))
        elif line.startswith("-- out:") or (within == "out" and line.startswith("--  ")):
            within = "out"
            columns += line.removeprefix("-- out:").removeprefix("--")
        elif line.startswith("--"):
            within = ""
        else:
            within = ""
            body.append(line)
    text = "\n".join(body).rstrip().rstrip(";")
    columns = ",".join(c.strip() for c in columns.split(",") if c.strip())
    print(f"{file.stem} {len(given)} {columns}", file=sys.stderr)
    print(f"\\echo = {file.stem}")
    if file.stem.startswith("import_make_"):
        print(text.replace("ON COMMIT DROP", "") + ";")
    else:
        print(text + "\n\\gdesc")
    if re.match(r"(?is)\s*(--[^\n]*\n\s*)*(with|select|insert|update|delete)\b", text):
        print(f"PREPARE s AS {text};\n\\echo + :ERROR\n"
              "SELECT '# ' || cardinality(parameter_types) FROM pg_prepared_statements;\nDEALLOCATE ALL;")
END
psql -XAtq -h "$SENDERCTL_STATE/run/db" -U senderctl_admin senderctl -f "$HOUSE/all.sql" > "$HOUSE/found" 2>&1

python3 - "$HOUSE/promised" "$HOUSE/found" <<'END'
import re, sys
found, name = {}, None
for line in open(sys.argv[2]):
    line = line.rstrip("\n")
    if line.startswith("= "):
        name = line[2:]
        found[name] = {"columns": [], "params": None, "errors": []}
    elif name is None:
        continue
    elif line.startswith("# "):
        found[name]["params"] = int(line[2:])
    elif "ERROR:" in line:
        found[name]["errors"].append(line.split("ERROR:", 1)[1].strip())
    elif re.fullmatch(r"[a-z_0-9?]+\|.+", line):
        found[name]["columns"].append(line.split("|")[0])
rows = [line.rstrip("\n").split(" ", 2) for line in open(sys.argv[1])]
bad = 0
for number, (name, params, columns) in enumerate(rows, 1):
    is_so = found.get(name, {"columns": [], "params": None, "errors": ["never reached"]})
    why = list(is_so["errors"])
    if is_so["params"] not in (None, int(params)):
        why.append(f"{params} parameters promised, {is_so['params']} there")
    if columns.split(",") != is_so["columns"] and (columns or is_so["columns"]):
        why.append(f"columns promised: {columns}; there: {','.join(is_so['columns'])}")
    print("not ok" if why else "ok", number, "-", name)
    for line in why:
        print("#", line)
    bad += bool(why)
print(f"1..{len(rows)}")
sys.exit(bad > 0)
END
exit $?
