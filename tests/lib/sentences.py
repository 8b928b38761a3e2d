"""sentences -- what the program can say, as its sources have it, and what of that was said.

    unsaid(sentences.of("core/verify/verdict.c"), texts)      # in English
    unsaid(sentences.german(source, found), texts)            # in German
"""

import os
import re
import subprocess

PLACE = re.compile(r"%(?:%|[0-9$]*[-+ 0#]*[0-9.*]*(?:hh|h|ll|l|z|j|t)?[a-zA-Z])|\{[a-z]+\}")


def _unquote(lines):
    text = "".join(line[line.index('"') + 1:line.rindex('"')] for line in lines)
    return text.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


def _entries(po):
    """Each entry of a catalogue: its English forms and its translated ones."""
    for block in po.split("\n\n"):
        forms = {}
        word = None
        for line in block.splitlines():
            if line.startswith("msg"):
                word = line.split(" ", 1)[0]
            elif not line.startswith('"'):
                continue
            forms.setdefault(word, []).append(line)
        english = [_unquote(forms[word]) for word in ("msgid", "msgid_plural") if word in forms]
        yield english, [_unquote(lines) for word, lines in forms.items() if word.startswith("msgstr")]


def of(*files):
    """Every sentence of these sources that has a word of its own; forms like "%s: %s" say nothing."""
    po = subprocess.run(["xgettext", "--from-code=UTF-8", "--keyword=_", "--keyword=N_", "--keyword=ngettext:1,2",
                         "--language=C", "--no-location", "--omit-header", "-o", "-", *files],
                        capture_output=True, text=True, check=True).stdout
    every = [form for english, _ in _entries(po) for form in english]
    return sorted({form for form in every if re.search("[A-Za-z]", PLACE.sub("", form))})


def german(source, english):
    """The German sentences for these, from the catalogue."""
    with open(os.path.join(source, "po", "de.po"), encoding="utf-8") as file:
        entries = list(_entries(file.read()))
    translated = {}
    for forms, others in entries:
        translated.update(dict(zip(forms, others)))
    return {form: translated.get(form, "") for form in english}


def pattern(sentence):
    """A sentence with whatever may stand in its places."""
    at, out = 0, ""
    for place in PLACE.finditer(sentence):
        out += re.escape(sentence[at:place.start()]) + ("%" if place[0] == "%%" else "(?:.*)")
        at = place.end()
    return re.compile(out + re.escape(sentence[at:]), re.S)


def unsaid(sentences, texts):
    """Those that stand in none of the texts."""
    return [sentence for sentence in sentences if not any(pattern(sentence).search(text) for text in texts)]
