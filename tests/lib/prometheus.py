"""prometheus -- a strict reader of the text exposition format 0.0.4.

    prometheus.py FILE                      "ok N" or what is wrong, with the line
    prometheus.py FILE 'NAME{label="x"}'    the value of one series
"""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(r"(%s)(\{%s(?:,%s)*\})? (-?[0-9]+(?:\.[0-9]+)?|NaN|[+-]Inf)" % (NAME, LABEL, LABEL))


def read(path):
    with open(path, "rb") as file:
        text = file.read().decode("utf-8")
    assert text.endswith("\n"), "the last line does not end"
    series, types, ended, current = {}, {}, set(), None
    for number, line in enumerate(text.split("\n")[:-1], 1):
        where = "line %d: %s" % (number, line)
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            assert name not in ended and name != current, "a metric is torn apart, " + where
            if current:
                ended.add(current)
            current = name
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == current and name not in types, "TYPE is not behind its HELP, " + where
            assert kind in ("gauge", "counter"), where
            assert kind != "counter" or name.endswith("_total"), "a counter ends in _total, " + where
            types[name] = kind
        else:
            match = SAMPLE.fullmatch(line)
            assert match, "no sample, " + where
            assert match.group(1) == current and current in types, "outside of its metric, " + where
            key = match.group(1) + (match.group(2) or "")
            assert key not in series, "said twice, " + where
            series[key] = match.group(3)
    return series


if __name__ == "__main__":
    found = read(sys.argv[1])
    print(found.get(sys.argv[2], "absent") if len(sys.argv) > 2 else "ok %d" % len(found))
