#!/usr/bin/python3
"""Many domains, each with a history of its own: random orders, customers, relays, outages, kills and leaps of time,
by the real program on the real database; beside it a model that knows only the rules, and must say the same.

    HISTORIES=60 ROUNDS=6 HISTORY_SEED=1        what make check does
    make check-histories                        2,000 histories in worlds of 150, another seed each time

Time passes by moving all that was recorded into the past (registry.time_passes), so nobody waits.
"""

import os
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import tap
from registry import BEHIND, Registry, end_of_sessions, public_key, record
from world import play

BUILD = os.environ["top_builddir"]
HISTORIES = int(os.environ.get("HISTORIES") or 60)
ROUNDS = int(os.environ.get("ROUNDS") or 6)
KILLS = os.environ.get("HISTORY_KILLS", "no") != "no"     # where a kill hits is a matter of time, not of the seed
SEED = int(os.environ.get("HISTORY_SEED") or 1)
HOUR, DAY = 3600, 86400
TTL, MARGIN, PROBES, LINGER = 2 * HOUR, HOUR, 2, 8 * DAY
CLOSE = 300     # this near to a deadline either answer is right: commands take their time
SERVERS = ("127.0.0.2", "127.0.0.3")


class Key:
    """A key as the rules see it; moments in the model's time."""

    def __init__(self, domain, number, standby=False):
        self.domain, self.selector, self.standby = domain, f"s{number}", standby
        self.public = public_key()
        self.pending = self.seen = self.active = self.retiring = self.ended = None
        self.retired = self.revoked = self.cancelled = None
        self.probes = 0
        self.shown = {server: None for server in SERVERS}   # None, "right", "wrong"

    def name(self):
        return f"{self.selector}._domainkey.{self.domain}"

    def state(self):
        for moment, word in ((self.revoked, "revoked"), (self.cancelled, "cancelled"), (self.retired, "retired"),
                             (self.retiring, "retiring"), (self.active, "active"), (self.seen, "published"),
                             (self.pending, "publish-pending")):
            if moment is not None:
                return word
        return "generated"

    def told(self):
        """All that is known of it but its octets."""
        return {name: value for name, value in vars(self).items() if name != "public"}

    def comes(self):
        return self.active is None and self.revoked is None and self.cancelled is None

    def signs(self):
        return self.active is not None and self.retiring is None and self.revoked is None


class Model:
    """The rules: doc/key_life.md, and nothing from the program or the schema."""

    def __init__(self, domains, relays):
        self.now = 0
        self.keys = {domain: [] for domain in domains}
        self.relays = {name: [] for name in relays}         # generations: (staged, signs)
        self.word = {name: None for name in relays}         # number of the one it says it runs
        self.word_at = {name: None for name in relays}
        self.silent = set()

    def all(self):
        return [key for keys in self.keys.values() for key in keys]

    def look(self, key):
        """everywhere, otherwise: what all servers say together"""
        says = [key.shown[server] for server in SERVERS if server not in self.silent]
        return (not self.silent and all(say == "right" for say in says)), any(say != "right" for say in says)

    def check(self):
        for key in self.all():
            if key.pending is None or not key.comes():
                continue
            everywhere, otherwise = self.look(key)
            if everywhere:
                key.seen = self.now if key.seen is None else key.seen
                key.probes += 1
            elif otherwise:
                key.seen, key.probes = None, 0

    def holds(self, key):
        return all(self.word[name] is not None and key in self.relays[name][self.word[name]][0] for name in self.relays)

    def may_sign(self, key):
        return [name for name, made in self.relays.items()
                if any(key in signs for _, signs in made[self.word[name] or 0:])]

    def next(self, key):
        """The step that is due, or None; and whether that hangs on a few seconds."""
        others = [other for other in self.keys[key.domain] if other is not key]
        if key.state() == "published" and not key.standby:
            left = key.seen + TTL + MARGIN - self.now
            if (key.probes >= PROBES and self.holds(key)
                    and not any(other.state() == "retiring" for other in others)):
                return ("activate" if left <= 0 else None), abs(left) < CLOSE
        if key.state() == "retiring" and key.ended is None:
            return (None if self.may_sign(key) else "ended"), False
        if key.state() == "retiring":
            left = key.ended + LINGER - self.now
            return ("retire" if left <= 0 else None), abs(left) < CLOSE
        return None, False

    def advance(self):
        """What every key becomes: {key: (step, close)}"""
        due = {}
        for key in self.all():
            step, close = self.next(key)
            if step == "activate":
                everywhere, otherwise = self.look(key)
                step = "activate" if everywhere else "miss" if otherwise else None
            if step or close:
                due[key] = (step, close)
        return due

    def do(self, key, step):
        if step == "activate":
            for other in self.keys[key.domain]:
                if other.signs():
                    other.retiring = self.now
            key.active = self.now
        elif step == "miss":
            key.seen, key.probes = None, 0
        elif step == "ended":
            words = [at for at in self.word_at.values() if at is not None]
            key.ended = max(words + [key.retiring])
        elif step == "retire":
            key.retired = self.now


class History:
    def __init__(self, world):
        self.registry = Registry(world, BUILD, relays=("mx1", "mx2"))
        self.registry.vendor(HISTORIES)
        self.registry.serve()
        second = self.registry.zone.copy()
        self.registry.dns.servers[SERVERS[1]].zones = [second]
        self.zones = dict(zip(SERVERS, (self.registry.zone, second)))
        for zone in self.zones.values():
            zone.ttl = TTL
        self.model = Model(self.registry.domains, self.registry.relays)
        self.random = random.Random(SEED)
        self.last = {}
        self.registry.sql(f"UPDATE provider SET publish_probes = {PROBES}")
        self.signing_already()
        self.commands = self.compared = self.steps = self.kills = self.orders = self.late = 0

    # ------------------------------------------------------------ the program

    def run(self, *words, allowed=(0, 1), kill=False):
        """A command, sometimes killed in the middle; false: it was."""
        self.commands += 1
        desk = self.registry.desk
        if not kill:
            status, out, complaint = desk.run(*words)
            if status not in allowed:
                raise RuntimeError(f"senderctl {' '.join(words)}: status {status}\n{out}{complaint}")
            return True
        started = time.monotonic()
        child = subprocess.Popen([desk.program, *words], env=desk.environment, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        try:
            child.wait(self.random.uniform(0.05, 0.9) * self.last.get(words[0], 1.0))
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
        child.wait()
        if child.returncode >= 0:
            self.last[words[0]] = time.monotonic() - started
        self.kills += child.returncode < 0
        end_of_sessions(self.registry)
        return child.returncode >= 0

    def timed(self, *words):
        began = time.monotonic()
        status, out, complaint = self.registry.desk.run(*words)
        if status not in (0, 1, 3):
            raise RuntimeError(f"senderctl {' '.join(words)}: status {status}\n{out}{complaint}")
        self.commands, self.unsure = self.commands + 1, status == 3
        self.last[words[0]] = time.monotonic() - began

    def states(self):
        rows = self.registry.sql("SELECT d.name || ' ' || k.selector || ' ' || dkim_key_state(k) FROM dkim_key k "
                                 "JOIN domain d ON d.id = k.domain_id")
        return {tuple(row.split()[:2]): row.split()[2] for row in rows}

    def compare(self, after):
        """Both say the same of every key."""
        found, wrong = self.states(), []
        for key in self.model.all():
            self.compared += 1
            if found.get((key.domain, key.selector)) != key.state():
                wrong.append(f"{key.domain} {key.selector}: the program says "
                             f"{found.get((key.domain, key.selector))}, the rules say {key.state()}: {key.told()}")
        if wrong or len(found) != len(self.model.all()):
            raise RuntimeError(f"after {after}: {len(wrong)} differ\n" + "\n".join(wrong[:5]))
        self.whole(after)

    def whole(self, after):
        bad = self.registry.sql("""
            SELECT d.name FROM dkim_key k JOIN domain d ON d.id = k.domain_id GROUP BY d.name
            HAVING count(*) FILTER (WHERE k.active_at IS NOT NULL AND k.retiring_at IS NULL AND k.revoked_at IS NULL)
                   <> CASE WHEN bool_or(k.active_at IS NOT NULL) AND NOT bool_or(k.revoked_at IS NOT NULL) THEN 1
                           ELSE least(1, count(*) FILTER (WHERE k.active_at IS NOT NULL AND k.retiring_at IS NULL
                                                            AND k.revoked_at IS NULL)) END
                OR count(*) FILTER (WHERE k.retiring_at IS NOT NULL AND k.retired_at IS NULL AND k.revoked_at IS NULL) > 1""")
        if bad:
            raise RuntimeError(f"after {after}: without one key that signs, or with two rotations: {bad[:5]}")

    # ------------------------------------------------------------ events

    def signing_already(self):
        """Half of them had a life before."""
        rows = []
        for domain in self.registry.domains[::2]:
            key = self.make(domain)
            key.pending, key.seen, key.active, key.probes = -40 * DAY, -39 * DAY, -30 * DAY, PROBES
            ages = {"generated_at": 41 * DAY, "publish_pending_at": 40 * DAY, "seen_since": 39 * DAY,
                    "published_at": 39 * DAY, "usable_at": 38 * DAY, "active_at": 30 * DAY}
            rows.append((key.domain, key.selector, ages, {
                "probes": PROBES, "public_key": "decode('%s', 'hex')" % key.public.hex()}))
            for server in SERVERS:
                self.show(key, server, "right")
        self.registry.keys(rows)
        for name in self.model.relays:
            self.take(name, True)

    def take(self, name, said):
        states = {key: key.state() for key in self.model.all()}
        self.model.relays[name].append((
            {key for key, state in states.items() if state in ("publish-pending", "published", "active", "retiring")},
            {key for key, state in states.items() if state == "active"}))
        self.registry.relays_take([name], said)
        if said:
            self.model.word[name] = len(self.model.relays[name]) - 1
            self.model.word_at[name] = self.model.now

    def make(self, domain, standby=False):
        """What senderkeyd adds; kills.py has it do that itself."""
        keys = self.model.keys[domain]
        keys.append(Key(domain, len(keys) + 1, standby))
        return keys[-1]

    def store(self, keys):
        self.registry.keys([(key.domain, key.selector, {"generated_at": 0}, {
            "standby": str(key.standby).lower(), "public_key": "decode('%s', 'hex')" % key.public.hex()})
            for key in keys])

    def show(self, key, server, what):
        key.shown[server] = what
        self.zones[server].remove(key.name())
        if what:
            self.zones[server].add(key.name(), "TXT", record(key.public if what == "right" else public_key()))

    def customers(self):
        """Late, mistaken, half done; never with a key that signs."""
        for key in self.model.all():
            if key.pending is None or not key.comes():
                if key.retired is not None and self.random.random() < 0.5:
                    for server in SERVERS:
                        self.show(key, server, None)
                continue
            chance = self.random.random()
            if chance < 0.08:
                self.show(key, self.random.choice(SERVERS), self.random.choice((None, "wrong")))
            elif chance < 0.75 or key.seen is not None:
                for server in SERVERS:
                    if key.shown[server] != "right":
                        self.show(key, server, "right")

    def relays(self):
        for name in self.model.relays:
            if self.random.random() < 0.75:
                self.take(name, self.random.random() < 0.85)

    def order_all(self):
        fresh = []
        for domain, keys in self.model.keys.items():
            coming = [key for key in keys if key.comes() and not key.standby]
            if not coming and self.random.random() < 0.35:
                fresh.append(self.make(domain))
            if not any(key.comes() and key.standby for key in keys) and self.random.random() < 0.1:
                fresh.append(self.make(domain, standby=True))
        self.store(fresh)

    def order_some(self):
        """Real commands for a single key."""
        domains = list(self.model.keys)
        for domain in self.random.sample(domains, min(2, len(domains))):
            keys = self.model.keys[domain]
            living = [key for key in keys if key.state() not in ("retired", "revoked", "cancelled")]
            if not living:
                continue
            standby = [key for key in living if key.comes() and key.standby]
            if (standby and any(key.signs() for key in keys)
                    and not any(key.comes() and not key.standby for key in keys)):
                self.run("key", "rotate", domain)
                standby[0].standby = False
            elif self.random.random() < 0.5 and any(key.comes() for key in living):
                key = self.random.choice([key for key in living if key.comes()])
                self.run("key", "cancel", domain, key.selector, "--yes")
                key.cancelled = self.model.now
            else:
                # who takes over from a key that signs is tests/flow/43-emergency.sh
                heirs = any(key.comes() for key in living)
                key = self.random.choice([key for key in living if not (key.signs() and heirs)])
                stop = ["--stop-signing"] if key.signs() else []
                self.run("key", "revoke", domain, key.selector, "--compromised", "--yes",
                         "--confirm", domain, *stop)
                key.revoked = self.model.now
                if key.pending is not None:     # the sheet of today asks for its record, and carries all others
                    self.handed_over()
            self.orders += 1

    def handed_over(self):
        for key in self.model.all():
            if key.state() == "generated":
                key.pending = self.model.now

    def check(self):
        """A key whose servers did not answer in time stays as it was."""
        before = {key: (key.seen, key.probes) for key in self.model.all()}
        self.run("check", "--all", allowed=(0, 1, 3))
        self.model.check()
        rows = self.registry.sql("SELECT d.name || ' ' || k.selector || ' ' || k.probes FROM dkim_key k "
                                 "JOIN domain d ON d.id = k.domain_id")
        probes = {tuple(row.split()[:2]): int(row.split()[2]) for row in rows}
        for key, (seen, count) in before.items():
            found = probes[key.domain, key.selector]
            if found != key.probes and found == count:
                key.seen, key.probes = seen, count
                self.late += 1

    def advance(self, kill):
        due = self.model.advance()
        killed = kill and not self.run("key", "advance", kill=True)
        if killed:
            found = self.states()
            for key, (step, close) in due.items():
                before = key.state()
                if found[key.domain, key.selector] not in (before, after_of(before, step)):
                    raise RuntimeError(f"killed: {key.domain} {key.selector} is {found[key.domain, key.selector]}")
            self.whole("a kill")
        self.timed("key", "advance")
        found = self.states()
        for key, (step, close) in due.items():
            if step == "activate" and self.unsure and found[key.domain, key.selector] == "published":
                self.late += 1
                continue
            if close:       # too near to tell: the program is right
                state = found[key.domain, key.selector]
                step = {"active": "activate", "retired": "retire", "publish-pending": "miss"}.get(state)
            elif killed and step == "ended":
                continue    # one run noted the end, the next may go on from there
            if step:
                self.model.do(key, step)
                self.steps += 1
        for key, (step, close) in due.items():
            if killed and step == "ended" and not close:
                self.model.do(key, step)
                self.steps += 1
                if found[key.domain, key.selector] == "retired":
                    self.model.do(key, "retire")
        if killed:      # two runs: what the first one did may have made room for a step of the second
            for key, (step, _) in self.model.advance().items():
                if step and found[key.domain, key.selector] == after_of(key.state(), step) != key.state():
                    self.model.do(key, step)
                    self.steps += 1
        self.compare("key advance")

    def clock_goes_back(self, since):
        """Three days behind the last thing that was recorded, which is the same as all moments in the future: nothing
        moves, and nothing is lost."""
        query = ("SELECT id, active_at, retiring_at, last_signed_at, retired_at FROM dkim_key ORDER BY id")
        last = self.registry.sql("SELECT max(id) FROM event")[0]
        behind = since + 3 * DAY
        shift = (BEHIND + "BEGIN; ALTER TABLE event DISABLE TRIGGER event_append_only; "
                 f"UPDATE event SET at = at + interval '%d seconds' WHERE id = {last}; "
                 "ALTER TABLE event ENABLE ALWAYS TRIGGER event_append_only; COMMIT")
        self.registry.time_passes(-behind)
        self.registry.sql(shift % behind)
        before = self.registry.sql(query)
        status, _, complaint = self.registry.desk.run("key", "advance")
        moved = [row for row, then in zip(self.registry.sql(query), before) if row != then]
        self.registry.time_passes(behind)
        self.registry.sql(shift % -behind)
        if moved:
            raise RuntimeError(f"moved because the clock went back: {moved[:5]} {status} {complaint}")

    def round(self, number):
        model = self.model
        self.order_all()
        if number > 0:
            self.order_some()
        if self.random.random() < 0.8:
            self.run("handover", "issue", "lms/acme")
            self.handed_over()
        self.customers()
        for _ in range(self.random.choice((1, 2, 2))):
            model.silent = set(self.random.sample(SERVERS, 1)) if self.random.random() < 0.2 else set()
            for server in SERVERS:
                self.registry.dns.servers[server].mode = (self.random.choice(("failing", "refusing"))
                                                          if server in model.silent else "well")
            self.check()
            leap = self.random.choice((HOUR, 2 * HOUR, 5 * HOUR, DAY))
            self.registry.time_passes(leap)
            model.now += leap
        self.compare("check")
        self.relays()
        self.advance(KILLS and number % 2 == 1)
        leap = self.random.choice((HOUR, DAY, 5 * DAY, 10 * DAY))
        self.registry.time_passes(leap)
        model.now += leap
        if number % 4 == 3:
            self.clock_goes_back(leap)


def after_of(before, step):
    return {"activate": "active", "miss": "publish-pending", "retire": "retired"}.get(step, before)


def guard_alone(registry):
    """A clock that went back a little since the last rotation does not hide it from the database."""
    domain = registry.domains[-1]
    old = {name: 90 * DAY for name in ("generated_at", "publish_pending_at", "seen_since", "published_at", "usable_at",
                                       "active_at")}
    new = {name: 5 * DAY for name in ("generated_at", "publish_pending_at", "seen_since", "published_at", "usable_at")}
    registry.sql(BEHIND + f"ALTER TABLE sheet_key DISABLE TRIGGER ALL; DELETE FROM sheet_key; DELETE FROM dkim_key k USING domain d WHERE d.id = k.domain_id AND d.name = '{domain}'")
    registry.keys([(domain, "g1", dict(old, retiring_at=-HOUR), {"probes": 3}), (domain, "g2", new, {"probes": 3})])
    registry.relays_take()
    try:
        registry.sql("UPDATE dkim_key SET active_at = now() WHERE selector = 'g2'")
        complaint = "nothing"
    except RuntimeError as refusal:
        complaint = str(refusal)
    tap.ok("the last rotation is not over" in complaint,
           "the database knows the last rotation by a clock that went back, too", complaint)


def told(world):
    history = History(world)
    tap.note(f"HISTORY_SEED={SEED} HISTORIES={HISTORIES} ROUNDS={ROUNDS}")
    began = time.monotonic()
    for number in range(ROUNDS):
        history.round(number)
    lives = {}
    for key in history.model.all():
        lives[key.state()] = lives.get(key.state(), 0) + 1
    tap.ok(history.steps > HISTORIES * ROUNDS / 10, f"{HISTORIES} histories, {len(history.model.all())} keys, {history.steps} steps: "
           f"the program and the rules agree {history.compared} times", lives)
    tap.ok(history.orders > 0 and lives.get("retiring", 0) + lives.get("retired", 0) > HISTORIES / 10,
           "and they were lives: " + ", ".join(f"{count} {state}" for state, count in sorted(lives.items())))
    guard_alone(history.registry)
    tap.note(f"{history.commands} commands, {history.kills} kills, {history.orders} orders for one key, "
             f"{history.late} late answers, "
             f"{time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    tap.run(lambda: play(told))
