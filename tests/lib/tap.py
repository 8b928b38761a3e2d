"""tap -- one line per thought, in the words of the Test Anything Protocol."""

import sys
import time
import traceback

_count = 0
_bad = 0
_start = time.monotonic()


def note(text):
    for line in str(text).splitlines() or [""]:
        print(f"# {line}", flush=True)


def ok(value, name, why=None):
    """A thought that holds or not; `why` is shown when it does not."""
    global _count, _bad
    _count += 1
    print(f"{'ok' if value else 'not ok'} {_count} - {name}".replace("#", "no."), flush=True)
    if not value:
        _bad += 1
        if why is not None:
            note(why)
    return bool(value)


def same(got, want, name):
    return ok(got == want, name, f"got  {got!r}\nwant {want!r}")


def skip_all(reason):
    print(f"1..0 # SKIP {reason}", flush=True)
    sys.exit(0)


def run(story):
    """Tell the story; whatever breaks it is one failed thought more."""
    try:
        story()
    except Exception:
        ok(False, "the story was told to its end", traceback.format_exc())
    print(f"1..{_count}", flush=True)
    note(f"{_count} checks, {_bad} failed, {time.monotonic() - _start:.1f} s")
    sys.exit(1 if _bad else 0)
