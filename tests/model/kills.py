#!/usr/bin/python3
"""kill -9 right before every system call that matters, of every command that moves a key: what is left is the state
before or the state after, and the same command once more ends where it would have ended.

Each death has a domain of its own.  KILLS=1 (the default) is one death a command, KILLS=9 are nine, evenly spread over all
boundaries; KILLS=all takes all of them; KILLS_OF="advance rotate" only these commands, KILLS_AT="unlink rmdir" only these
calls.
"""

import contextlib
import hashlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import tap
from registry import BEHIND, Registry, Strace, end_of_sessions, public_key
from world import play, wait_for

BUILD = os.environ["top_builddir"]
KILLS = os.environ.get("KILLS") or "1"
KILLS_AT = os.environ.get("KILLS_AT", "").split()
TALK = "sendto recvfrom sendmsg recvmsg connect".split()
FILES = TALK + "write fsync rename mkdir unlink rmdir symlink clone fchmod".split()
DAY = 86400

OLD = {"generated_at": 100 * DAY, "publish_pending_at": 99 * DAY, "seen_since": 98 * DAY, "published_at": 98 * DAY,
       "usable_at": 97 * DAY, "active_at": 90 * DAY}
NEW = {"generated_at": 5 * DAY, "publish_pending_at": 4 * DAY, "seen_since": 3 * DAY, "published_at": 3 * DAY,
       "usable_at": 2 * DAY}


class Victim:
    """What a command is tried on: a domain, and what must be true of it."""

    def __init__(self, registry):
        self.registry = registry
        self.free = (f"d{i}.acme.example" for i in itertools.count(1))
        self.alone = (f"c{i}" for i in itertools.count(1))      # clients with one domain

    def life(self, domain):
        """States of its keys, what was noted of them, and whether a living key lacks its private half or a half
        outlived its key."""
        return tuple(self.registry.sql(f"""
            SELECT coalesce(string_agg(dkim_key_state(k), ' ' ORDER BY k.selector), 'none'),
                   count(*) FILTER (WHERE (s.key_id IS NULL) <> (k.destroyed_at IS NOT NULL)),
                   (SELECT coalesce(string_agg(what, ' ' ORDER BY e.id), '') FROM event e
                     WHERE subject = '{domain}' AND what LIKE 'key.%')
              FROM dkim_key k JOIN domain d ON d.id = k.domain_id LEFT JOIN dkim_secret s ON s.key_id = k.id
             WHERE d.name = '{domain}'""")[0].split("|"))

    def is_one(self, *allowed):
        """A function that says which of these lives it is: (states, without a half, events)."""
        return lambda domain: one_of(self.life(domain), *allowed)


def chosen(boundaries):
    """So many of them, evenly spread; the rest is for make check-kills."""
    boundaries = [death for death in boundaries if not KILLS_AT or death[-2] in KILLS_AT]
    if KILLS == "all" or len(boundaries) <= int(KILLS):
        return boundaries
    count = int(KILLS)
    return [boundaries[(2 * i + 1) * len(boundaries) // (2 * count)] for i in range(count)]


class Deaths:
    """One command, killed again and again; each time on another subject."""

    def __init__(self, registry, name, calls, program=None):
        self.registry, self.strace, self.name, self.calls = registry, Strace(registry.desk), name, calls
        self.program = program or [registry.desk.program]
        self.count, self.faults = 0, []

    def run(self, prepare, argv, halves, ends):
        """halves(subject) is a fault or None after each death; ends(subject) after the command ran once more."""
        subject = prepare()
        self.strace.run(self.program + argv(subject), self.calls)
        self.note(subject, "left alone", ends(subject))
        boundaries = [(call, n + 1) for call, count in self.strace.counts(self.calls).items() for n in range(count)]
        for death in chosen(boundaries):
            subject, where = prepare(), f"killed before {death[0]} no. {death[1]}"
            if self.strace.run(self.program + argv(subject), self.calls, death):
                self.count += 1
            end_of_sessions(self.registry)
            self.note(subject, where, halves(subject))
            again = subprocess.run(self.program + argv(subject), capture_output=True, text=True,
                                   env=self.registry.desk.environment)
            if again.returncode not in (0, 1):
                self.note(subject, where, f"once more: {again.returncode} {again.stderr}")
            self.note(subject, where, ends(subject))
        return self.tell(len(boundaries))

    def serve(self, prepare, argv, halves, ends):
        """The same with the key service, or one of its helpers, as the one who dies; then it is started again."""
        boundaries, house = [], len(keyd_pids(self.registry))
        for who in range(house):
            subject = prepare()
            tracer = self.strace.attach(keyd_pids(self.registry)[who], self.calls)
            self.registry.desk.run(*argv(subject))
            self.strace.detach(tracer, self.calls)
            self.note(subject, f"process {who} left alone", ends(subject))
            boundaries += [(who, call, n + 1) for call, count in self.strace.counts(self.calls).items()
                           for n in range(count)]
        for who, *death in chosen(boundaries):
            subject, where = prepare(), f"process {who} killed before {death[0]} no. {death[1]}"
            wait_for("the service and all its helpers", lambda: self.gather(house), 60, 0.5)
            tracer = self.strace.attach(keyd_pids(self.registry)[who], self.calls, death)
            self.registry.desk.run(*argv(subject))
            if self.strace.detach(tracer, self.calls, death):
                self.count += 1
            if self.registry.desk.run("up")[0] != 0:
                self.note(subject, where, "up fails")
            end_of_sessions(self.registry)
            self.note(subject, where, halves(subject))
            self.registry.desk.run(*argv(subject))
            self.note(subject, where, ends(subject))
        return self.tell(len(boundaries))

    def gather(self, count):
        """A helper that died is missed by who needs it, perhaps never: then the service ends with it."""
        if all_there(self.registry, count):
            return True
        with contextlib.suppress(OSError):
            os.kill(keyd_pids(self.registry)[0], signal.SIGKILL)
        self.registry.desk.run("up")
        return False

    def tell(self, boundaries):
        tap.ok(not self.faults and self.count > 0,
               f"{self.name}: killed {self.count} times at one of {boundaries} boundaries, each time whole",
               "\n".join(self.faults) or "it was never hit")
        return self.count

    def note(self, subject, where, fault):
        if fault:
            self.faults.append(f"{subject}: {where}: {fault}")


def one_of(got, *allowed):
    return None if got in allowed else f"{got!r} is none of {allowed}"


def advance(registry, victim):
    def prepare():
        domain = next(victim.free)
        public = public_key()
        registry.keys([(domain, "s1", OLD, {"probes": 3}),
                       (domain, "s2", NEW, {"probes": 3, "public_key": "decode('%s', 'hex')" % public.hex()})])
        registry.publish(domain, "s2", public)
        registry.relays_take()
        return domain

    after = ("retiring active", "2", "key.supersede key.activate")
    return Deaths(registry, "key advance, to a new key", TALK).run(
        prepare, lambda domain: ["key", "advance", domain],
        victim.is_one(("active published", "2", ""), after), victim.is_one(after))


def retire(registry, victim):
    def prepare():
        domain = next(victim.free)
        ended = dict(OLD, retiring_at=20 * DAY, last_signed_at=9 * DAY)
        signing = dict({name: 30 * DAY for name in NEW}, active_at=20 * DAY)
        registry.keys([(domain, "s1", ended, {"probes": 3}), (domain, "s2", signing, {"probes": 3})])
        registry.relays_take()
        return domain

    after = ("retired active", "2", "key.retire")
    return Deaths(registry, "key advance, to the end of the old one", TALK).run(
        prepare, lambda domain: ["key", "advance", domain],
        victim.is_one(("retiring active", "2", ""), after), victim.is_one(after))


def generate(registry, victim):
    after = ("generated", "0", "key.generate")
    return Deaths(registry, "key generate", TALK).run(
        lambda: next(victim.free), lambda domain: ["key", "generate", domain],
        victim.is_one(("none", "0", ""), after), victim.is_one(after))


def rotate(registry, victim):
    def prepare():
        domain = next(victim.free)
        registry.keys([(domain, "s1", OLD, {"probes": 3})])
        return domain

    after = ("active generated", "1", "key.generate")
    return Deaths(registry, "key rotate", TALK).run(
        prepare, lambda domain: ["key", "rotate", domain],
        victim.is_one(("active", "1", ""), after), victim.is_one(after))


def end(registry, victim, verb, ages, before, to):
    """revoke, cancel: one transaction."""

    def prepare():
        # what is compromised brings a sheet, and that has all of a client on it
        domain = next(victim.alone) + ".acme.example" if verb == "revoke" else next(victim.free)
        registry.keys([(domain, "s1", ages, {"probes": 3})])
        return domain

    def argv(domain):
        # once more, when it was done: it says so
        more = ["--compromised", "--confirm", domain, "--stop-signing"] if verb == "revoke" else []
        return (["key", verb, domain, "s1", "--yes", *more] if victim.life(domain)[0] != to
                else ["key", "show", domain, "s1"])

    after = (to, "1", "key." + verb)
    return Deaths(registry, "key " + verb, TALK).run(prepare, argv, victim.is_one((before, "1", ""), after),
                                                     victim.is_one(after))


def handover(registry, victim):
    """A sheet and the moment at which its keys became known are one transaction."""
    def prepare():
        client = next(victim.alone)
        registry.keys([(client + ".acme.example", "s1", {"generated_at": DAY}, {})])
        return client

    def sheets(client):
        """Its state, and on how many sheets of those that were made it is."""
        return registry.sql(f"""SELECT dkim_key_state(k), (SELECT count(*) FROM sheet_key s WHERE s.key_id = k.id),
                   (SELECT count(*) FROM sheet s WHERE s.client_id = d.client_id)
            FROM dkim_key k JOIN domain d ON d.id = k.domain_id WHERE d.name = '{client}.acme.example'""")[0]

    return Deaths(registry, "handover issue", TALK + ["write"]).run(
        prepare, lambda client: ["handover", "issue", "lms/" + client],
        lambda client: one_of(sheets(client), "generated|0|0", "publish-pending|1|1"),
        lambda client: one_of(sheets(client), "publish-pending|1|1", "publish-pending|2|2"))


# ---------------------------------------------------------------- the service

def keyd_pids(registry):
    """Of the service and its helpers."""
    with open(registry.world.path("state/run/senderkeyd.pid")) as file:
        pid = int(file.read().split()[0])
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [pid] + [int(word) for word in file.read().split() if lives(word)]


def all_there(registry, count):
    """One that ends just now is not."""
    try:
        return len(keyd_pids(registry)) == count
    except OSError:
        return False


def lives(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"


def serve_generate(registry, victim):
    after = ("generated", "0", "key.generate")
    return Deaths(registry, "senderkeyd during key generate", TALK + ["read", "write"]).serve(
        lambda: next(victim.free), lambda domain: ["key", "generate", domain],
        victim.is_one(("none", "0", ""), after), victim.is_one(after))


def serve_destroy(registry, victim):
    def prepare():
        domain = next(victim.free)
        registry.desk.run("key", "generate", domain, "--algorithm", "ed25519")
        registry.sql(f"""UPDATE dkim_key k SET cancelled_at = clock_timestamp() FROM domain d
            WHERE d.id = k.domain_id AND d.name = '{domain}' AND k.cancelled_at IS NULL""")
        return domain

    def argv(domain):
        return ["key", "destroy", domain, registry.sql(f"""SELECT selector FROM dkim_key k JOIN domain d
            ON d.id = k.domain_id WHERE d.name = '{domain}'""")[0], "--yes"]

    after = ("destroyed", "0", "key.generate key.destroy")
    return Deaths(registry, "senderkeyd during key destroy", TALK + ["read", "write"]).serve(
        prepare, argv, victim.is_one(("cancelled", "0", "key.generate"), after), victim.is_one(after))


# ---------------------------------------------------------------- the relay

class Place:
    """A relay on this machine, whose tree is whole or not."""

    def __init__(self, registry):
        self.registry, self.root = registry, registry.world.folder("relay")
        desk = registry.desk
        made = json.loads(desk.run("--json", "relay", "keygen", "--identity", self.root + "/identity/key")[1])
        desk.do("relay", "enrol", "lms/mx1", made["identity"], "--yes")
        with open(desk.conf) as file:
            text = file.read()
        registry.world.write("senderctl.conf", text + f'relay {{ name = "lms/mx1" root = "{self.root}" '
                             f'identity = "{self.root}/identity/key" reload = "true" }}\n')
        self.senders = 0

    def more(self):
        """Something to install."""
        self.senders += 1
        self.registry.sql(f"""INSERT INTO sender (provider_id, client_id, address) SELECT provider_id, id,
            'm{self.senders}@d1.acme.example' FROM client WHERE name = 'acme'""")
        return self.senders

    def current(self):
        link = self.root + "/current"
        return os.readlink(link) if os.path.islink(link) else None

    def broken(self, _=None):
        """Every file of the generation that runs is there and is what its list says."""
        name = self.current()
        if name is None:
            return None
        place = os.path.join(self.root, name)
        with open(place + "/GENERATION") as file:
            lines = file.read().splitlines()
        for line in lines:
            word = line.split(" ", 4)
            if word[0] == "file" and not whole(os.path.join(place, word[4]), int(word[2]), word[3]):
                return f"{name}: {word[4]} is not what it was"
        signing = subprocess.run(["grep", "-rhoE", "/keys/[^ :]*[.]pem", place + "/opendkim-rsa/KeyTable"],
                                 capture_output=True, text=True).stdout.split()
        lost = [key for key in signing if not os.path.exists(self.root + "/current" + key)]
        return f"{name}: signs with {lost}, which it does not have" if lost or not signing else None

    def done(self, _=None):
        """What was made last runs, and the registry knows."""
        number = int(self.registry.sql("SELECT max(number) FROM generation")[0])
        said = int(self.registry.sql("SELECT number FROM generation_ack ORDER BY id DESC LIMIT 1")[0])
        left = [name for name in os.listdir(self.root) if name.startswith(("g", ".g", "new")) and name != self.current()]
        return (self.broken() or one_of(self.current(), f"g{number:08d}") or one_of(said, number)
                or (f"left behind: {left}" if len(left) > 1 else None))


def whole(path, size, digest):
    """The first line has the number, and is not in the digest."""
    with open(path, "rb") as file:
        body = file.read().split(b"\n", 1)[1]
    return len(body) == size and hashlib.blake2b(body, digest_size=32).hexdigest() == digest


def install(registry, victim):
    place = registry.place
    return Deaths(registry, "export --install", FILES).run(
        place.more, lambda _: ["export", "lms/mx1", "--install", "--include-unverified"], place.broken, place.done)


def unseal(registry, victim):
    """What writes private keys on the relay: senderctl-relay itself."""
    place, folder = registry.world.folder("unseal"), registry.world.path("sealed")
    identity = registry.world.path("relay/identity/key")
    registry.desk.run("export", "lms/mx1", "--output", folder, "--include-unverified")
    signer = "sks1:" + registry.sql("SELECT encode(public_key, 'base64') FROM keyd_key WHERE retired_at IS NULL")[0]

    def fresh():
        shutil.rmtree(place)
        os.makedirs(place + "/tree", 0o755)
        return "unseal"

    def keys():
        return [os.path.join(at, name) for at, _, names in os.walk(place + "/tree") for name in names
                if name.endswith(".pem")]

    def half(_):
        """A key file is whole and for its owner alone, or it is not there."""
        for path in keys():
            if subprocess.run(["openssl", "pkey", "-in", path, "-noout", "-check"], capture_output=True).returncode:
                return f"{path} is half a key"
            if os.stat(path).st_mode & 0o077:
                return f"{path} is open to others"
        return None

    return Deaths(registry, "senderctl-relay install", FILES + ["fchown", "openat"],
                  [os.path.join(BUILD, "senderctl-relay")]).run(fresh, lambda _: ["install", "--identity", identity, "--bundle", folder + "/BUNDLE", "--root",
                                        place + "/tree", "--state", place + "/last", "--signer", signer],
                      half, lambda subject: half(subject) or one_of(len(keys()), 1))


STORIES = {
    "install": install, "unseal": unseal, "handover": handover, "generate": generate, "advance": advance,
    "retire": retire,
    "revoke": lambda r, v: end(r, v, "revoke", OLD, "active", "revoked"),
    "cancel": lambda r, v: end(r, v, "cancel", NEW, "published", "cancelled"),
    "rotate": rotate, "serve-generate": serve_generate, "serve-destroy": serve_destroy,
}


def relay_at_work(registry, victim):
    """A real key that signs, and a relay on this machine."""
    place = registry.place = Place(registry)
    moments = ", ".join(f"{moment} = now() - interval '{age} seconds'" for moment, age in OLD.items())
    registry.desk.do("key", "generate", next(victim.free))
    registry.sql(BEHIND + f"UPDATE dkim_key SET {moments}")
    return place


def grow(registry):
    """Enough for one death each, but only when they are needed: the more there are, the more boundaries export has."""
    many = 600 if KILLS == "all" else 40 + 11 * int(KILLS)
    if len(registry.domains) < many:
        registry.vendor(many, many // 3)


def told(world):
    registry = Registry(world, BUILD)
    registry.vendor(2)
    registry.serve()
    victim, began, total = Victim(registry), time.monotonic(), 0
    relay_at_work(registry, victim)
    tap.note(f"KILLS={KILLS}")
    wanted = os.environ.get("KILLS_OF", "").split()
    for name in [name for name in STORIES if not wanted or name in wanted]:     # real keys first
        since = time.monotonic()
        if name not in ("install", "unseal"):
            grow(registry)
        total += STORIES[name](registry, victim)
        tap.note(f"{name}: {time.monotonic() - since:.1f} s")
    tap.note(f"{total} deaths in {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    if shutil.which("strace") is None:
        tap.skip_all("there is no strace: ./autogen.sh --install test")
    tap.run(lambda: play(told))
